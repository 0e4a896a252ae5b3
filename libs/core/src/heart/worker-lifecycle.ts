import { endAttemptsOf, withdrawAnswersOf, withWorker } from './attempts.js';
import type { HeartEvent } from './heart-event.js';
import type { HeartOptions, HeartState } from './heart-state.js';
import { only, type Advance } from './outcome.js';

export function join(state: HeartState, id: string, now: number): Advance {
  const before = state.workers.get(id);
  if (before?.state === 'quarantined') return only(state);
  const cleared = before ? depart(state, id, 'lost') : state;
  return only(withWorker(cleared, { id, state: 'joining', lastHeardAt: now, idleSince: now }));
}

export function hear(
  state: HeartState,
  event: Extract<HeartEvent, { type: 'worker-heard' }>,
  now: number,
): Advance {
  const worker = state.workers.get(event.worker);
  if (!worker) return only(state);
  const becameReady = worker.state === 'joining' && event.ready;
  return only(
    withWorker(state, {
      ...worker,
      lastHeardAt: now,
      ...(becameReady ? { state: 'ready', idleSince: now } : {}),
    }),
  );
}

/** A quarantined worker is remembered, so that it cannot come back under its name. */
export function depart(state: HeartState, id: string, how: 'lost' | 'given-back'): HeartState {
  const workers = new Map(state.workers);
  if (workers.get(id)?.state !== 'quarantined') workers.delete(id);
  return {
    ...state,
    workers,
    ...(state.current ? { current: endAttemptsOf(state.current, id, how) } : {}),
  };
}

export function quarantine(state: HeartState, id: string, reason: string): Advance {
  const worker = state.workers.get(id);
  if (!worker || worker.state === 'quarantined') return only(state);
  const { holding: _holding, ...rest } = worker;
  const marked = withWorker(state, { ...rest, state: 'quarantined' });
  const current =
    marked.current && withdrawAnswersOf(endAttemptsOf(marked.current, id, 'lost'), id);
  return {
    state: { ...marked, ...(current ? { current } : {}) },
    effects: [{ type: 'quarantine', worker: id, reason }],
  };
}

export function loseTheSilent(state: HeartState, now: number, options: HeartOptions): Advance {
  const silent = [...state.workers.values()].filter(
    (worker) =>
      worker.state !== 'quarantined' && now - worker.lastHeardAt > options.heartbeatTimeoutMs,
  );
  return {
    state: silent.reduce((left, { id }) => depart(left, id, 'lost'), state),
    effects: silent.map(({ id, lastHeardAt }) => ({
      type: 'worker-lost',
      worker: id,
      reason: `no heartbeat for ${now - lastHeardAt} ms`,
    })),
  };
}
