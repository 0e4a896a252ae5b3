import { shardLabel } from '../shard.js';
import { shardOf, withShard } from './attempts.js';
import { short, type Judgement } from './judge-contribution.js';
import type { MachineEffect, MachineEvent } from './machine-event.js';
import type { LateDispute, MachineState, ShardProgress, WorkerId } from './machine-state.js';
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

/** Settles the disputes about a shard by the hash that the arbiter computed. */
export function arbitrated(state: MachineState, event: EventOf<'arbitrated'>): Advance {
  const open = shardOf(state, event);
  return open?.disputed ? settleOpen(state, open, event) : settleLate(state, event);
}

/** Pauses the run, which must not train on weights that may follow from a wrong contribution. */
export function arbiterUnavailable(
  state: MachineState,
  { step, index, reason: cause }: EventOf<'arbiter-unavailable'>,
): Advance {
  const label = shardLabel({ step, index });
  const reason = `contributions for ${label} differ, and the coordinator cannot compute it: ${cause}`;
  const paused: MachineState = { ...state, pausedBecause: reason, undecided: true };
  return { state: paused, effects: state.undecided ? [] : [{ type: 'undecided', reason }] };
}

/** The right contributions of an open step count; without one, the shard is queued again. */
function settleOpen(
  state: MachineState,
  { disputed: _settled, ...progress }: ShardProgress,
  { sha256 }: EventOf<'arbitrated'>,
): Advance {
  const right = progress.contributions.filter((each) => each.sha256 === sha256);
  const wrong = progress.contributions.filter((each) => each.sha256 !== sha256);
  const counted = right.length > 0 ? { counted: sha256 } : {};
  const settled = withShard(state, { ...progress, contributions: right, ...counted });
  return quarantineAll(settled, wrong, progress.shard, sha256);
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
  const reason = `${shardLabel(ref)} was committed as ${short(committed.sha256)} from ${committed.worker}, and the coordinator computes ${short(sha256)}`;
  const refutedStep = Math.min(step, state.refutedStep ?? step);
  return {
    state: { ...state, lateDisputes, refutedStep },
    effects: [{ type: 'fail', code: 'nondeterminism', reason }],
  };
}

function quarantineAll(
  state: MachineState,
  wrong: readonly { readonly worker: WorkerId; readonly sha256: string }[],
  ref: ShardRef,
  right: string,
): Advance {
  const effects: MachineEffect[] = [];
  let next = state;
  for (const { worker, sha256 } of wrong) {
    const reason = `it contributed ${short(sha256)} for ${shardLabel(ref)}, and the coordinator computes ${short(right)}`;
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
