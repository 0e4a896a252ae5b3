import {
  attemptOf,
  endAttemptsOf,
  shardOf,
  withdrawContributionsOf,
  withWorker,
} from './attempts.js';
import type { AttemptRef, MachineEvent } from './machine-event.js';
import type {
  Attempt,
  MachineOptions,
  MachineState,
  WorkerId,
  WorkerProgress,
} from './machine-state.js';
import { only, type Advance } from './outcome.js';
import { stragglerDeadlineMs } from './straggler-deadline.js';

export function join(
  state: MachineState,
  { worker: id }: Extract<MachineEvent, { type: 'worker-joined' }>,
  now: number,
): Advance {
  const before = state.workers.get(id);
  if (before?.state === 'quarantined') return only(state);
  const cleared = before ? depart(state, id, 'lost') : state;
  return only(withWorker(cleared, { id, state: 'joining', lastHeardAt: now, idleSince: now }));
}

export function hear(
  state: MachineState,
  event: Extract<MachineEvent, { type: 'worker-heard' }>,
  now: number,
  options: MachineOptions,
): Advance {
  const worker = state.workers.get(event.worker);
  if (!worker) return only(state);
  const becameReady = worker.state === 'joining' && event.ready;
  const heard = withWorker(state, {
    ...worker,
    lastHeardAt: now,
    ...(becameReady ? { state: 'ready', idleSince: now } : {}),
  });
  return only(event.currentShard === undefined ? heard : forget(heard, event, now, options));
}

/**
 * Ends attempts whose contribution was lost in transit: those that the worker took longer ago than
 * the straggler deadline and no longer reports to be computing.
 */
function forget(
  state: MachineState,
  { worker: id, currentShard }: Extract<MachineEvent, { type: 'worker-heard' }>,
  now: number,
  options: MachineOptions,
): MachineState {
  const deadlineMs = stragglerDeadlineMs(state.shardTimes, options);
  const isCurrent = (ref: AttemptRef): boolean =>
    typeof currentShard === 'object' && sameAttempt(currentShard, ref);
  const { current } = state;
  const isForgotten = ({ takenBy, takenAt = now }: Attempt, ref: AttemptRef): boolean =>
    takenBy === id && !isCurrent(ref) && now - takenAt > deadlineMs;
  const shards = current?.shards.map((progress) => ({
    ...progress,
    attempts: progress.attempts.map((attempt) =>
      attempt.ended === undefined && isForgotten(attempt, refOf(progress.shard, attempt))
        ? { ...attempt, ended: 'lost' as const }
        : attempt,
    ),
  }));
  const next = current && shards ? { ...state, current: { ...current, shards } } : state;
  const worker = state.workers.get(id);
  if (!worker?.holding) return next;
  const { holding, ...idle } = worker;
  if (isCurrent(holding) || isExpected(next, id, holding)) return next;
  return withWorker(next, { ...idle, idleSince: now });
}

function refOf({ step, index }: { step: number; index: number }, { number }: Attempt): AttemptRef {
  return { step, index, attempt: number };
}

function sameAttempt(a: AttemptRef, b: AttemptRef): boolean {
  return a.step === b.step && a.index === b.index && a.attempt === b.attempt;
}

/** Whether a contribution to this attempt of the current step is still expected. */
function isExpected(state: MachineState, id: string, ref: AttemptRef): boolean {
  const progress = shardOf(state, ref);
  const attempt = progress && attemptOf(progress, ref);
  return attempt?.takenBy === id && attempt.ended === undefined;
}

/** A worker has left, or its connection or state shows that it is lost. */
export function leave(
  state: MachineState,
  { worker, how, reason }: { worker: WorkerId; how: 'lost' | 'left'; reason: string },
): Advance {
  const known = state.workers.get(worker);
  if (!known || known.state === 'quarantined') return only(state);
  return {
    state: depart(state, worker, how === 'lost' ? 'lost' : 'given-back'),
    effects: [{ type: how === 'lost' ? 'worker-lost' : 'worker-left', worker, reason }],
  };
}

/** Removes a worker. A quarantined one is remembered, so that its id cannot join again. */
function depart(state: MachineState, id: string, how: 'lost' | 'given-back'): MachineState {
  const workers = new Map(state.workers);
  if (workers.get(id)?.state !== 'quarantined') workers.delete(id);
  return {
    ...state,
    workers,
    ...(state.current ? { current: endAttemptsOf(state.current, id, how) } : {}),
  };
}

/** Quarantines a worker. If it has left meanwhile, its id cannot join again. */
export function quarantine(state: MachineState, id: string, reason: string): Advance {
  const absent: WorkerProgress = { id, state: 'joining', lastHeardAt: 0, idleSince: 0 };
  const worker = state.workers.get(id) ?? absent;
  if (worker.state === 'quarantined') return only(state);
  const { holding: _holding, ...rest } = worker;
  const marked = withWorker(state, { ...rest, state: 'quarantined' });
  const current =
    marked.current && withdrawContributionsOf(endAttemptsOf(marked.current, id, 'lost'), id);
  return {
    state: { ...marked, ...(current ? { current } : {}) },
    effects: [{ type: 'quarantine', worker: id, reason }],
  };
}

/** Leaves a time in which nothing was read out of every worker's silence. */
export function excuseSilence(state: MachineState, ms: number, now: number): MachineState {
  return [...state.workers.values()].reduce((before, worker) => {
    // One that has been heard since this process woke is not silent at all.
    const lastHeardAt = Math.min(now, worker.lastHeardAt + ms);
    return withWorker(before, { ...worker, lastHeardAt });
  }, state);
}

export function loseTheSilent(state: MachineState, now: number, options: MachineOptions): Advance {
  const silent = [...state.workers.values()].filter(
    (worker) =>
      worker.state !== 'quarantined' && now - worker.lastHeardAt > options.heartbeatTimeoutMs,
  );
  return {
    state: silent.reduce((left, { id }) => depart(left, id, 'lost'), state),
    effects: silent.map(({ id, lastHeardAt }) => ({
      type: 'worker-lost',
      worker: id,
      reason: `no heartbeat for ${Math.round(now - lastHeardAt)} ms`,
    })),
  };
}
