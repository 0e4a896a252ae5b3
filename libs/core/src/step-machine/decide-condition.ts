import type { RunState } from '../run-state.js';
import { shardLabel } from '../shard.js';
import type { MachineOptions, MachineState } from './machine-state.js';

/** What a run is to be, and in words why. */
export interface Decision {
  readonly state: RunState;
  readonly reason: string;
  /** The reason ends by itself in a moment: it is shown on request, but is no event of its own. */
  readonly isBrief?: true;
}

/** Whether the run may go on, and in words why or why not. Ended runs stay as they are. */
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
  const undecided = disputeWithoutJudge(state);
  if (undecided !== undefined) return { state: 'waiting-for-workers', reason: undecided };
  return { state: 'running', reason: `${ready} ${ready === 1 ? 'worker' : 'workers'} ready` };
}

/** How many of the workers needed are there, and how to get the others. */
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
  // At the beginning, and after a loss, the first workers come by themselves.
  if (present === 0) return { reason: counted };
  return { reason: `${counted}; \`lockstep scale ${needed}\` starts the others` };
}

/** A dispute that nobody who is there can decide, since all of them are its parties. */
function disputeWithoutJudge({ current, workers }: MachineState): string | undefined {
  for (const { shard, counted, answers } of current?.shards ?? []) {
    if (counted !== undefined || answers.length < 2) continue;
    const parties = answers.map(({ worker }) => worker);
    const judges = [...workers.values()].filter(
      ({ id, state }) => state === 'ready' && !parties.includes(id),
    );
    if (judges.length > 0) continue;
    return `${parties.join(' and ')} gave different answers to ${shardLabel(shard)}: start a further worker to decide`;
  }
  return undefined;
}
