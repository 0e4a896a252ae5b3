import type { RunState } from '../run-state.js';
import { shardLabel } from '../shard.js';
import type { HeartOptions, HeartState } from './heart-state.js';

/** Whether the run may go on, and in words why or why not. Ended runs stay as they are. */
export function decideCondition(
  state: HeartState,
  options: HeartOptions,
): { readonly state: RunState; readonly reason: string } {
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
    return { state: 'waiting-for-workers', reason: tooFew(state, ready, options.minWorkers) };
  }
  const undecided = disputeWithoutJudge(state);
  if (undecided !== undefined) return { state: 'waiting-for-workers', reason: undecided };
  return { state: 'running', reason: `${ready} ${ready === 1 ? 'worker' : 'workers'} ready` };
}

function tooFew(state: HeartState, ready: number, wanted: number): string {
  const joining = [...state.workers.values()].filter(({ state: s }) => s === 'joining').length;
  if (joining > 0)
    return `${joining} of ${wanted} workers needed is loading TensorFlow and weights`;
  return ready === 0
    ? 'no worker: start one with `lockstep worker`, or `lockstep scale N` in local mode'
    : `${ready} of at least ${wanted} workers: start more, or lower --min-workers`;
}

/** A dispute that nobody who is there can decide, since all of them are its parties. */
function disputeWithoutJudge({ current, workers }: HeartState): string | undefined {
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
