import { resolve } from 'node:path';
import { LockstepError, type RunEvent } from '@lockstep/core';

type Finished = Extract<RunEvent, { event: 'run-finished' }>;

/** What a finished run comes to: its last event, and the path of its model. */
export interface RunResult extends Omit<Finished, 'event' | 'model'> {
  /** The folder of the saved model, an absolute path. */
  readonly modelPath: string;
}

export function resultOf({ event: _, model, ...figures }: Finished): RunResult {
  return { ...figures, modelPath: resolve(model) };
}

/** Why a run has no result. */
export function withoutResult(
  code: number | string,
  failure: LockstepError | undefined,
  last: Extract<RunEvent, { event: 'state' }> | undefined,
): LockstepError {
  if (failure) return failure;
  if (last?.state === 'stopped') {
    return new LockstepError('run-ended', `the run was stopped: ${last.reason}`, {
      remedy: 'train on with the option `resume`',
    });
  }
  const reason = last ? `: ${last.state}, ${last.reason}` : '';
  return new LockstepError('run-failed', `the training ended with ${code}${reason}`, {
    remedy: 'see what it printed (option `onLog`); train on with the option `resume`',
  });
}
