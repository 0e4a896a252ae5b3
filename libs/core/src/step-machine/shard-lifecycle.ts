import { beginDispute } from './arbitration.js';
import { attemptOf, shardOf, withAttempt, withShard, withWorker } from './attempts.js';
import type { AttemptRef, MachineEffect, MachineEvent, Verdict } from './machine-event.js';
import type { MachineOptions, MachineState, WorkerProgress } from './machine-state.js';
import { judgeContribution } from './judge-contribution.js';
import { only, refuse, verdict, type Advance } from './outcome.js';
import { rememberShardMs } from './straggler-deadline.js';
import { quarantine } from './worker-lifecycle.js';

const MOST_DAMAGED_CONTRIBUTIONS = 3;

export function open(
  state: MachineState,
  { step, shards, recorded = [] }: Extract<MachineEvent, { type: 'step-opened' }>,
  { compareContributions }: MachineOptions,
): MachineState {
  if (step !== state.committedStep + 1) {
    throw new RangeError(`step ${step} cannot be opened after step ${state.committedStep}`);
  }
  const progress = shards.map((shard, place) => {
    const sha256 = compareContributions ? recorded[place] : undefined;
    const known = sha256 === undefined ? {} : { recorded: sha256 };
    return { shard, attempts: [], granted: [], contributions: [], ...known };
  });
  return { ...state, current: { step, shards: progress } };
}

export function take(
  state: MachineState,
  event: Extract<MachineEvent, { type: 'taken' }>,
  now: number,
): Advance {
  const worker = state.workers.get(event.worker);
  if (event.term !== state.term) {
    return refuse(state, 'stale-term', `it is of term ${event.term}, this is ${state.term}`);
  }
  if (!worker) return refuse(state, 'unknown-worker', `${event.worker} has not joined`);
  if (worker.state === 'quarantined') {
    return refuse(state, 'quarantined', `${event.worker} is quarantined for a wrong contribution`);
  }
  const progress = shardOf(state, event.ref);
  if (!progress) {
    const late = event.ref.step <= state.committedStep;
    return refuse(state, late ? 'late' : 'wrong-step', `step ${event.ref.step} is not open`);
  }
  if (progress.counted !== undefined)
    return refuse(state, 'late', 'the shard has a counted contribution');
  if (!attemptOf(progress, event.ref))
    return refuse(state, 'late', `attempt ${event.ref.attempt} was not issued`);
  const taken = withAttempt(progress, event.ref.attempt, (attempt) => ({
    ...attempt,
    takenBy: event.worker,
    takenAt: now,
  }));
  const granted = [...new Set([...progress.granted, event.worker])];
  const holding = withWorker(withShard(state, { ...taken, granted }), {
    ...worker,
    state: 'ready',
    lastHeardAt: now,
    holding: event.ref,
  });
  return {
    state: holding,
    effects: [verdict('granted', 'the shard has no counted contribution yet')],
  };
}

/** Ends an attempt without a contribution. */
function giveBack(state: MachineState, id: string, ref: AttemptRef, now: number): MachineState {
  const progress = shardOf(state, ref);
  const released = release(state, id, ref, now);
  if (!progress) return released;
  return withShard(
    released,
    withAttempt(progress, ref.attempt, (attempt) =>
      attempt.ended === undefined ? { ...attempt, ended: 'given-back' } : attempt,
    ),
  );
}

export function contribute(
  state: MachineState,
  event: Extract<MachineEvent, { type: 'contributed' }>,
  now: number,
  options: MachineOptions,
): Advance {
  const judgement = judgeContribution(state, event, options.compareContributions);
  const attempt = attemptOfEvent(state, event);
  let next = release(state, event.worker, event.ref, now);
  if (judgement.progress) {
    const how = judgement.verdict === 'not-finite' ? 'refused' : 'contributed';
    next = withShard(
      next,
      withAttempt(judgement.progress, event.ref.attempt, (old) => ({ ...old, ended: how })),
    );
  } else if (attempt?.takenBy === event.worker && attempt.ended === undefined) {
    next = giveBack(next, event.worker, event.ref, now);
  }
  if (judgement.verdict === 'counted' && attempt?.takenAt !== undefined) {
    next = { ...next, shardTimes: rememberShardMs(next.shardTimes, now - attempt.takenAt) };
  }
  const effects: MachineEffect[] = [verdict(judgement.verdict, judgement.reason)];
  const apply = (change: Advance): void => {
    next = change.state;
    effects.push(...change.effects);
  };
  if (judgement.quarantine !== undefined) {
    apply(quarantine(next, judgement.quarantine, judgement.reason));
  }
  apply(countDamaged(next, event.worker, judgement.verdict));
  apply(beginDispute(next, shardOf(state, event.ref), judgement));
  return { state: next, effects };
}

/**
 * Bytes may be damaged once in transit. A worker whose contributions are all damaged would otherwise
 * take the same shard again and again.
 */
function countDamaged(state: MachineState, id: string, verdict: Verdict): Advance {
  const worker = state.workers.get(id);
  if (!worker) return only(state);
  if (verdict === 'counted' || verdict === 'duplicate') {
    if (worker.damagedContributions === undefined) return only(state);
    const { damagedContributions: _forgotten, ...sound } = worker;
    return only(withWorker(state, sound));
  }
  if (verdict !== 'wrong-hash' && verdict !== 'wrong-shape') return only(state);
  const damagedContributions = (worker.damagedContributions ?? 0) + 1;
  const marked = withWorker(state, { ...worker, damagedContributions });
  if (damagedContributions < MOST_DAMAGED_CONTRIBUTIONS) return only(marked);
  return quarantine(
    marked,
    id,
    `${damagedContributions} of its contributions in a row were refused: ${verdict}`,
  );
}

function attemptOfEvent(state: MachineState, { ref }: { ref: AttemptRef }) {
  const progress = shardOf(state, ref);
  return progress && attemptOf(progress, ref);
}

function release(state: MachineState, id: string, ref: AttemptRef, now: number): MachineState {
  const worker = state.workers.get(id);
  if (!worker) return state;
  const { holding, ...rest } = worker;
  const heard: WorkerProgress = { ...rest, lastHeardAt: now };
  const same =
    holding?.step === ref.step && holding.index === ref.index && holding.attempt === ref.attempt;
  if (holding && !same) return withWorker(state, { ...heard, holding });
  return withWorker(state, { ...heard, idleSince: now });
}

/** Jobs that waited in Redis may have been lost with it: every untaken attempt ends as lost. */
export function restoreQueue(state: MachineState): MachineState {
  const { queueLostBecause: _lost, current, ...rest } = state;
  if (!current) return rest;
  const shards = current.shards.map((progress) => ({
    ...progress,
    attempts: progress.attempts.map((attempt) =>
      attempt.ended === undefined && attempt.takenBy === undefined
        ? { ...attempt, ended: 'lost' as const }
        : attempt,
    ),
  }));
  return { ...rest, current: { ...current, shards } };
}
