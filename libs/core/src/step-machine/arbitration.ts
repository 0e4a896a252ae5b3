import { shardLabel } from '../shard.js';
import { shardOf, withShard } from './attempts.js';
import { short, type Judgement } from './judge-contribution.js';
import type { MachineEffect, MachineEvent } from './machine-event.js';
import type {
  LateDispute,
  MachineState,
  ShardProgress,
  ValidContribution,
} from './machine-state.js';
import { only, type Advance } from './outcome.js';
import { quarantine } from './worker-lifecycle.js';

type EventOf<Type extends MachineEvent['type']> = Extract<MachineEvent, { type: Type }>;
type ShardRef = Pick<LateDispute, 'step' | 'index'>;

/**
 * Asks the arbiter to compute a shard if a contribution has begun a dispute about it.
 *
 * @param before the shard before the contribution; absent if its step is committed
 */
export function beginDispute(
  state: MachineState,
  before: ShardProgress | undefined,
  { progress, lateDispute }: Pick<Judgement, 'progress' | 'lateDispute'>,
): Advance {
  if (lateDispute) {
    const isAsked = state.lateDisputes.some((dispute) => isSame(dispute, lateDispute));
    const lateDisputes = [...state.lateDisputes, lateDispute];
    return { state: { ...state, lateDisputes }, effects: ask(state, isAsked ? [] : [lateDispute]) };
  }
  if (!progress?.disputed || before?.disputed) return only(state);
  return { state, effects: ask(state, [progress.shard]) };
}

/** After the run was paused for an undecided dispute: asks the arbiter about all disputes again. */
export function arbitrateAgain({ undecided, ...state }: MachineState): Advance {
  if (!undecided) return only(state);
  const open = state.current?.shards.filter(({ disputed }) => disputed) ?? [];
  const { lateDisputes } = state;
  const late = lateDisputes.filter(
    (dispute, place) => lateDisputes.findIndex((other) => isSame(other, dispute)) === place,
  );
  return { state, effects: ask(state, [...open.map(({ shard }) => shard), ...late]) };
}

/**
 * Settles the disputes about a shard by what the arbiter computed.
 *
 * @param compare whether a right contribution must equal the arbiter's result; else it must be finite
 */
export function arbitrated(
  state: MachineState,
  event: EventOf<'arbitrated'>,
  compare: boolean,
): Advance {
  const open = shardOf(state, event);
  return open?.disputed ? settleOpen(state, open, event, compare) : settleLate(state, event);
}

/** Pauses the run, which must not train on weights that may follow from a wrong contribution. */
export function arbiterUnavailable(
  state: MachineState,
  { step, index, reason: cause }: EventOf<'arbiter-unavailable'>,
): Advance {
  const label = shardLabel({ step, index });
  const reason = `the contributions for ${label} are disputed, and the coordinator cannot compute it: ${cause}`;
  const paused: MachineState = { ...state, pausedBecause: reason, undecided: true };
  return { state: paused, effects: state.undecided ? [] : [{ type: 'undecided', reason }] };
}

/**
 * The right contributions of an open step count; without one, the shard is queued again. The run ends if
 * the ledger is wrong, or if the right gradient is not finite.
 */
function settleOpen(
  state: MachineState,
  { disputed: _settled, ...progress }: ShardProgress,
  { sha256, finite }: EventOf<'arbitrated'>,
  compare: boolean,
): Advance {
  const { shard, recorded } = progress;
  if (recorded !== undefined && recorded !== sha256) {
    return refute(
      state,
      shard,
      `the ledger holds ${short(recorded)} for ${shardLabel(shard)}`,
      sha256,
    );
  }
  if (!finite) {
    const reason = `the gradient of ${shardLabel(shard)} holds NaN or Inf, as the coordinator computes it too`;
    return { state, effects: [{ type: 'fail', code: 'diverged', reason }] };
  }
  const isRight = (each: ValidContribution): boolean =>
    compare ? each.sha256 === sha256 : each.finite;
  const right = progress.contributions.filter(isRight);
  const wrong = progress.contributions.filter((each) => !isRight(each));
  const [first] = right;
  const counted = first ? { counted: first.sha256 } : {};
  const settled = withShard(state, { ...progress, contributions: right, ...counted });
  return quarantineAll(settled, wrong, shard, sha256);
}

/** If the ledger is right, the late contributors are quarantined; if it is wrong, the run ends. */
function settleLate(state: MachineState, { step, index, sha256 }: EventOf<'arbitrated'>): Advance {
  const ref = { step, index };
  const disputes = state.lateDisputes.filter((dispute) => isSame(dispute, ref));
  const lateDisputes = state.lateDisputes.filter((dispute) => !isSame(dispute, ref));
  const [dispute] = disputes;
  if (!dispute) return only(state);
  const { committed } = dispute;
  if (committed.sha256 === sha256) {
    return quarantineAll({ ...state, lateDisputes }, disputes, ref, sha256);
  }
  const was = `${shardLabel(ref)} was committed as ${short(committed.sha256)} from ${committed.worker}`;
  return refute({ ...state, lateDisputes }, ref, was, sha256);
}

/** Ends the run: a step of its ledger is wrong. */
function refute(state: MachineState, { step }: ShardRef, was: string, right: string): Advance {
  const reason = `${was}, and the coordinator computes ${short(right)}`;
  return {
    state: { ...state, refutedStep: Math.min(step, state.refutedStep ?? step) },
    effects: [{ type: 'fail', code: 'nondeterminism', reason }],
  };
}

function quarantineAll(
  state: MachineState,
  wrong: readonly (Pick<ValidContribution, 'worker' | 'sha256'> & { readonly finite?: boolean })[],
  ref: ShardRef,
  right: string,
): Advance {
  const effects: MachineEffect[] = [];
  let next = state;
  for (const { worker, sha256, finite = true } of wrong) {
    const contributed = finite ? short(sha256) : 'NaN or Inf';
    const reason = `it contributed ${contributed} for ${shardLabel(ref)}, and the coordinator computes ${short(right)}`;
    const convicted = quarantine(next, worker, reason);
    next = convicted.state;
    effects.push(...convicted.effects);
  }
  return { state: next, effects };
}

/** While a dispute is undecided, others wait until the run is resumed. */
function ask(state: MachineState, shards: readonly ShardRef[]): readonly MachineEffect[] {
  if (state.undecided) return [];
  return shards.map(({ step, index }) => ({ type: 'arbitrate', step, index }));
}

function isSame(a: ShardRef, b: ShardRef): boolean {
  return a.step === b.step && a.index === b.index;
}
