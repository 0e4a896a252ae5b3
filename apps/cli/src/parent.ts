/** Whether another Lockstep process started this one, over a channel to it. */
export function hasParent(): boolean {
  return process.channel !== undefined;
}

/** How long a process may take to end in good order once its parent is gone. */
const ORPHAN_GRACE_MS = 15_000;

/**
 * Calls back when the process that started this one, over a channel to it, is gone.
 *
 * A process that does not end in time is killed.
 *
 * @returns ends it: a process whose work is done closes the channel itself
 */
export function onParentGone(gone: () => void): () => void {
  if (process.channel === undefined) return () => undefined;
  const orphaned = (): void => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), ORPHAN_GRACE_MS).unref();
    gone();
  };
  process.on('disconnect', orphaned);
  // Listening must not keep a process alive whose work is done.
  process.channel?.unref();
  return () => process.off('disconnect', orphaned);
}
