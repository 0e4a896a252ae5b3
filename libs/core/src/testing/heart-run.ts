import type { Shard } from '../shard.js';
import { advance } from '../heart/advance.js';
import type { HeartEffect, HeartEvent } from '../heart/heart-event.js';
import { defaultHeartOptions, initialHeart, type HeartState } from '../heart/heart-state.js';

const shards = (step: number, count = 2): Shard[] =>
  Array.from({ length: count }, (_, index) => ({
    step,
    index,
    firstSample: 10 * index,
    sampleCount: 10,
  }));

/** A run under test: tells events, moves the clock, and keeps what came of the last event. */
export function run(options = defaultHeartOptions) {
  let state: HeartState = initialHeart({ runId: 'r', term: 3, committedStep: 0 }, 0);
  let now = 0;
  const tell = (event: HeartEvent): readonly HeartEffect[] => {
    const next = advance(state, event, now, options);
    state = next.state;
    return next.effects;
  };
  return {
    get state() {
      return state;
    },
    tell,
    wait: (ms: number): readonly HeartEffect[] => {
      now += ms;
      // Everybody is heard of, so that only deadlines act.
      const heard = [...state.workers.keys()].flatMap((worker) =>
        tell({ type: 'worker-heard', worker, ready: true }),
      );
      return [...heard, ...tell({ type: 'tick' })];
    },
    sleep: (ms: number): readonly HeartEffect[] => {
      now += ms;
      return tell({ type: 'tick' });
    },
    join: (...ids: string[]): void => {
      for (const worker of ids) {
        tell({ type: 'worker-joined', worker });
        tell({ type: 'worker-heard', worker, ready: true });
      }
    },
    open: (step: number, count?: number): readonly HeartEffect[] =>
      tell({ type: 'step-opened', step, shards: shards(step, count) }),
    take: (worker: string, step: number, index: number, attempt = 1): readonly HeartEffect[] =>
      tell({ type: 'taken', worker, term: 3, ref: { step, index, attempt } }),
    answer: (
      worker: string,
      step: number,
      index: number,
      change: Partial<Extract<HeartEvent, { type: 'answered' }>> & { attempt?: number } = {},
    ): readonly HeartEffect[] => {
      const { attempt = 1, ...rest } = change;
      const ref = { step, index, attempt };
      const sha256 = `hash-${step}-${index}`;
      return tell({
        ...{ type: 'answered', worker, runId: 'r', term: 3, ref, sha256, check: 'ok' },
        ...rest,
      });
    },
  };
}

export const verdictOf = (effects: readonly HeartEffect[]): string | undefined =>
  effects.flatMap((effect) => (effect.type === 'verdict' ? [effect.verdict] : []))[0];
export const enqueued = (effects: readonly HeartEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'enqueue' ? [effect] : []));
