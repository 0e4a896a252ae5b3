import { LockstepError } from '@lockstep/core';

/** A user's request, not a failure: the run ends where it is and can be resumed. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Ends a run before its last step; the signal's reason says why. */
export class RunEnding {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  fail(error: unknown): void {
    const explained = LockstepError.fromSystem(error, { atWork: true });
    this.#controller.abort(LockstepError.from(explained, 'run-failed'));
  }

  /** Stops the run when `signal` is aborted, for the signal's reason. */
  stopOn(signal: AbortSignal): void {
    const stop = (): void => this.#controller.abort(new Stopped(String(signal.reason)));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  }
}

/** A coordinator of a later term writes the run now; this one must not. */
export function superseded(runId: string): LockstepError {
  return new LockstepError('run-locked', `another coordinator has taken over run ${runId}`, {
    remedy: 'nothing: the other coordinator continues the run',
  });
}

/** Rejects with the signal's reason as soon as it is aborted. */
export async function unlessAborted<Value>(
  signal: AbortSignal,
  promise: Promise<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
