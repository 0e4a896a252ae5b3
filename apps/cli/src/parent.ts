/** `argv[0]` of a process that was started only to filter its stderr: see `runFiltered`. */
export const FILTERED = 'lockstep-filtered';

/**
 * `argv[0]` of a process that Lockstep, or a program by its `train()`, started for a run. A channel
 * alone does not say so: process managers and test runners open one too.
 */
export const CHILD = 'lockstep-child';

/** Whether another Lockstep process started this one for its own run, over a channel to it. */
export function hasParent(): boolean {
  return process.channel !== undefined && process.argv0 === CHILD;
}

/** Whether this process does the work of its parent, which filters what it prints on stderr. */
export function isFiltered(): boolean {
  return process.channel !== undefined && process.argv0 === FILTERED;
}

/** How long a process may take to end in good order once its parent is gone. */
const ORPHAN_GRACE_MS = 15_000;

/**
 * Calls back when the process that started this one, over a channel to it, is gone. A process that
 * does not end in time is killed.
 *
 * @returns ends it: a process that has done its work closes the channel itself
 */
export function onParentGone(gone: () => void): () => void {
  if (!hasParent() && !isFiltered()) return () => undefined;
  const orphaned = (): void => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), ORPHAN_GRACE_MS).unref();
    gone();
  };
  process.on('disconnect', orphaned);
  // Listening must not keep a process alive that has done its work.
  process.channel?.unref();
  return () => process.off('disconnect', orphaned);
}
