/** Whether another Lockstep process started this one, over a channel to it. */
export function hasParent(): boolean {
  return process.channel !== undefined;
}

/**
 * Calls back when the process that started this one, over a channel to it, is gone.
 *
 * @returns ends it: a process whose work is done closes the channel itself
 */
export function onParentGone(gone: () => void): () => void {
  if (process.channel === undefined) return () => undefined;
  process.on('disconnect', gone);
  // Listening must not keep a process alive whose work is done.
  process.channel?.unref();
  return () => process.off('disconnect', gone);
}
