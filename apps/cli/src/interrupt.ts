/** The exit code of a command that a person interrupted. */
export const INTERRUPTED = 130;

/** A person's Ctrl-C, or a supervisor's SIGTERM. */
export interface Interrupt {
  /** Aborted at the first. */
  readonly signal: AbortSignal;
  /** Aborted at the second: end at once. */
  readonly hurry: AbortSignal;
  dispose(): void;
}

/** @param onFirst told at the first interrupt */
export function onInterrupt(onFirst: () => void): Interrupt {
  const first = new AbortController();
  const second = new AbortController();
  const hear = (): void => {
    if (first.signal.aborted) return second.abort();
    onFirst();
    return first.abort();
  };
  process.on('SIGINT', hear);
  process.on('SIGTERM', hear);
  return {
    signal: first.signal,
    hurry: second.signal,
    dispose: () => {
      process.off('SIGINT', hear);
      process.off('SIGTERM', hear);
    },
  };
}
