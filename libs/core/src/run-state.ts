/**
 * The life of a run:
 *
 *     waiting-for-workers → running ⇄ paused → finished
 *
 * and from any of the first three `stopped` or `failed`. `docs/lifecycle.md` explains each.
 */
export type RunState =
  'waiting-for-workers' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed';

/** A state with a reason that users can read. */
export interface RunCondition {
  readonly state: RunState;
  readonly reason: string;
}

const successors: Record<RunState, readonly RunState[]> = {
  'waiting-for-workers': ['running', 'paused', 'finished', 'stopped', 'failed'],
  running: ['waiting-for-workers', 'paused', 'finished', 'stopped', 'failed'],
  paused: ['waiting-for-workers', 'running', 'finished', 'stopped', 'failed'],
  finished: [],
  stopped: [],
  failed: [],
};

/** Whether a run in `from` may go to `to`. */
export function canFollow(from: RunState, to: RunState): boolean {
  return successors[from].includes(to);
}

/** Whether nothing can follow: the run has ended. */
export function hasEnded(state: RunState): boolean {
  return successors[state].length === 0;
}
