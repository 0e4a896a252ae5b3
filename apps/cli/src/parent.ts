/** Whether another Lockstep process started this one, over a channel to it. */
export function hasParent(): boolean {
  return process.channel !== undefined;
}

/** Calls back when the process that started this one, over a channel to it, is gone. */
export function onParentGone(gone: () => void): void {
  if (process.channel === undefined) return;
  process.on('disconnect', gone);
  // Listening must not keep a process alive whose work is done.
  process.channel?.unref();
}
