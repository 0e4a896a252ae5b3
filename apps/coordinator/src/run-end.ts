import { LockstepError } from '@lockstep/core';

/** A person's wish, and no failure: the run ends where it is and can be resumed. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** A coordinator of a later term writes the run now; this one must not. */
export function superseded(runId: string): LockstepError {
  return new LockstepError('run-locked', `another coordinator has taken over run ${runId}`, {
    remedy: 'nothing: that one goes on with it',
  });
}

export function hopeless(message: string): LockstepError {
  return new LockstepError('run-failed', message, {
    remedy: 'pass --on-alarm continue to train on all the same',
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
