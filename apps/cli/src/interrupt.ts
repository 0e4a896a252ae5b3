/** The exit code of a command that was interrupted. */
export const INTERRUPTED = 130;
/** What a training says when it survives the end of its terminal. */
export const HUNG_UP =
  'the terminal has hung up (SIGHUP): output is redirected, so the run continues';

/** A user's Ctrl-C, a supervisor's SIGTERM, or the end of the terminal. */
export interface Interrupt {
  /** Aborted at the first. */
  readonly signal: AbortSignal;
  /** Aborted at the second: end at once. */
  readonly hurry: AbortSignal;
  /** Acts as the first interrupt. */
  readonly stop: () => void;
  dispose(): void;
}

/**
 * Listens for interrupts. SIGHUP is one where stdout is the terminal that has hung up; with
 * redirected output the command continues, as under `nohup`, whose ignored SIGHUP Node resets. The
 * shell and the kernel both send SIGHUP, so a further one never means "at once".
 *
 * @param onFirst called at the first interrupt
 * @param onHangUp called at a SIGHUP that the command survives
 */
export function onInterrupt(onFirst: () => void, onHangUp: () => void): Interrupt {
  const first = new AbortController();
  const second = new AbortController();
  const interrupt = (): void => {
    onFirst();
    first.abort();
  };
  const hear = (): void => (first.signal.aborted ? second.abort() : interrupt());
  const hangUp = (): void => {
    if (!process.stdout.isTTY) return onHangUp();
    if (!first.signal.aborted) interrupt();
  };
  process.on('SIGINT', hear);
  process.on('SIGTERM', hear);
  process.on('SIGHUP', hangUp);
  return {
    signal: first.signal,
    hurry: second.signal,
    stop: () => {
      if (!first.signal.aborted) interrupt();
    },
    dispose: () => {
      process.off('SIGINT', hear);
      process.off('SIGTERM', hear);
      process.off('SIGHUP', hangUp);
    },
  };
}

/** For every other command: with redirected output it survives a SIGHUP, as under `nohup`. */
export function surviveHangUp(): void {
  if (!process.stdout.isTTY) process.on('SIGHUP', () => undefined);
}
