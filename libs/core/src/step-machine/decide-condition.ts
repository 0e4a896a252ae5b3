import type { RunState } from '../run-state.js';
import type { MachineOptions, MachineState } from './machine-state.js';

/** The state a run should be in, and the reason. */
export interface Decision {
  readonly state: RunState;
  readonly reason: string;
  /** The reason passes within seconds: it is shown on request but reported by no event. */
  readonly isBrief?: true;
}

/** Decides whether a run that has not ended may make progress, with the reason. */
export function decideCondition(state: MachineState, options: MachineOptions): Decision {
  if (state.pausedBecause !== undefined) return { state: 'paused', reason: state.pausedBecause };
  if (state.diskFullBecause !== undefined) {
    return { state: 'paused', reason: state.diskFullBecause };
  }
  if (state.queueLostBecause !== undefined) {
    return {
      state: 'waiting-for-workers',
      reason: `no shard can reach a worker: ${state.queueLostBecause}`,
    };
  }
  const ready = [...state.workers.values()].filter((worker) => worker.state === 'ready').length;
  if (ready < options.minWorkers) {
    return { state: 'waiting-for-workers', ...tooFew(state, options) };
  }
  return { state: 'running', reason: `${ready} ${ready === 1 ? 'worker' : 'workers'} ready` };
}

/** How many of the required workers are connected, and how to start the others. */
function tooFew(
  { workers }: MachineState,
  { minWorkers: needed, startsWorkers }: MachineOptions,
): Pick<Decision, 'reason' | 'isBrief'> {
  const present = [...workers.values()].filter(({ state }) => state !== 'quarantined').length;
  const counted = `${present} of ${needed} connected`;
  const missing = needed - present;
  if (missing <= 0) {
    return { reason: `${counted}, still loading TensorFlow and weights`, isBrief: true };
  }
  if (!startsWorkers) {
    const more = present === 0 ? '' : ' more';
    return { reason: `${counted}; start ${missing}${more} with \`lockstep worker\`` };
  }
  // The scaler starts the first workers itself, at the start and after a loss.
  if (present === 0) return { reason: counted };
  return { reason: `${counted}; \`lockstep scale ${needed}\` starts the others` };
}
