import { canFollow, hasEnded } from '../run-state.js';
import { arbitrated, arbitrateAgain, arbiterUnavailable } from './arbitration.js';
import { withShard } from './attempts.js';
import { decideCommit } from './decide-commit.js';
import { decideCondition, type Decision } from './decide-condition.js';
import { decideReissue } from './decide-reissue.js';
import type { MachineEvent } from './machine-event.js';
import type {
  CommittedShard,
  MachineOptions,
  MachineState,
  StepProgress,
} from './machine-state.js';
import { only, refuse, type Advance } from './outcome.js';
import { contribute, open, restoreQueue, take } from './shard-lifecycle.js';
import { excuseSilence, hear, join, leave, loseTheSilent } from './worker-lifecycle.js';

const COMMITTED_STEPS_REMEMBERED = 64;

/**
 * The step machine of a run: maps a state and an event to the next state and the effects that follow.
 * Pure: the clock is an argument, and equal arguments give equal results.
 *
 * @param now milliseconds of the monotonic clock: a wall clock that is set must not lose workers
 */
export function advance(
  state: MachineState,
  event: MachineEvent,
  now: number,
  options: MachineOptions,
): Advance {
  if (hasEnded(state.condition.state)) return afterTheEnd(state, event, now);
  const happened = happen(state, event, now, options);
  const issued = reissue(happened.state, now, options);
  const committed = commit(issued.state);
  const decided = changeCondition(committed.state, event, options);
  return {
    state: decided.state,
    effects: [...happened.effects, ...issued.effects, ...committed.effects, ...decided.effects],
  };
}

/** A run that has ended grants and counts nothing, but its workers still come and go. */
function afterTheEnd(state: MachineState, event: MachineEvent, now: number): Advance {
  switch (event.type) {
    case 'worker-joined':
      return join(state, event, now);
    case 'worker-gone':
      return leave(state, event);
    case 'stream-closed':
      return leave(state, { ...event, how: 'left', reason: 'the run is over' });
    case 'taken':
    case 'contributed':
      return refuse(state, 'late', `the run has ${state.condition.state}`);
    default:
      return only(state);
  }
}

/** What the event itself changes. */
function happen(
  state: MachineState,
  event: MachineEvent,
  now: number,
  options: MachineOptions,
): Advance {
  switch (event.type) {
    case 'worker-joined':
      return join(state, event, now);
    case 'worker-heard':
      return hear(state, event, now, options);
    case 'worker-gone':
      return leave(state, event);
    case 'stream-closed':
      return leave(state, { ...event, how: 'lost', reason: 'its connection broke' });
    case 'step-opened':
      return only(open(state, event, options));
    case 'taken':
      return take(state, event, now);
    case 'contributed':
      return contribute(state, event, now, options);
    case 'arbitrated':
      return arbitrated(state, event, options.compareContributions);
    case 'arbiter-unavailable':
      return arbiterUnavailable(state, event);
    case 'queue-lost':
      return only({ ...state, queueLostBecause: event.reason });
    case 'queue-restored':
      return only(restoreQueue(state));
    case 'disk-full':
      return only({ ...state, diskFullBecause: event.reason });
    case 'disk-freed': {
      const { diskFullBecause: _full, ...rest } = state;
      return only(rest);
    }
    case 'paused':
      return only({ ...state, pausedBecause: event.reason });
    case 'resumed': {
      const { pausedBecause: _paused, ...rest } = state;
      return arbitrateAgain(rest);
    }
    case 'ended':
      return only(state);
    case 'woken':
      return only(excuseSilence(state, event.afterMs, now));
    case 'tick':
      return loseTheSilent(state, now, options);
  }
}

function reissue(state: MachineState, now: number, options: MachineOptions): Advance {
  const orders = decideReissue(state, now, options);
  const issued = orders.reduce((before, { shard, attempt }) => {
    const progress = before.current?.shards[shard.index];
    if (!progress) return before;
    const attempts = [...progress.attempts, { number: attempt, issuedAt: now }];
    return withShard(before, { ...progress, attempts });
  }, state);
  return { state: issued, effects: orders.map((order) => ({ type: 'enqueue', ...order })) };
}

function commit(state: MachineState): Advance {
  if (!state.current) return only(state);
  const decision = decideCommit(state.current);
  if (!decision.commit) return only(state);
  const { current, ...rest } = state;
  const recentSteps = new Map(state.recentSteps).set(current.step, committedShards(current));
  recentSteps.delete(current.step - COMMITTED_STEPS_REMEMBERED);
  return {
    state: { ...rest, committedStep: current.step, recentSteps },
    effects: [{ type: 'commit', step: current.step, hashes: decision.hashes }],
  };
}

/** What is remembered of a committed step. */
function committedShards({ shards }: StepProgress): readonly CommittedShard[] {
  return shards.map(({ counted: sha256 = '', contributions, granted }) => {
    const worker = contributions[0]?.worker ?? '';
    return { sha256, worker, granted };
  });
}

function changeCondition(
  state: MachineState,
  event: MachineEvent,
  options: MachineOptions,
): Advance {
  const { isBrief, ...wanted }: Decision =
    event.type === 'ended'
      ? { state: event.how, reason: event.reason }
      : decideCondition(state, options);
  const { condition } = state;
  if (wanted.state === condition.state) {
    const same = { ...condition, reason: wanted.reason };
    const isNews = wanted.state === 'waiting-for-workers' && wanted.reason !== condition.reason;
    return {
      state: { ...state, condition: same },
      effects: isNews && !isBrief ? [{ type: 'condition', condition: same }] : [],
    };
  }
  if (!canFollow(condition.state, wanted.state)) {
    throw new RangeError(`a run that is ${condition.state} cannot become ${wanted.state}`);
  }
  return {
    state: { ...state, condition: wanted },
    effects: [{ type: 'condition', condition: wanted }],
  };
}
