import type { Shard } from '../shard.js';
import { advance } from '../step-machine/advance.js';
import type { MachineEffect, MachineEvent } from '../step-machine/machine-event.js';
import {
  defaultMachineOptions,
  initialMachineState,
  type MachineState,
} from '../step-machine/machine-state.js';

const shards = (step: number, count = 2): Shard[] =>
  Array.from({ length: count }, (_, index) => ({
    step,
    index,
    firstSample: 10 * index,
    sampleCount: 10,
  }));

/** A run under test: sends events, moves the clock, and keeps the effects of the last event. */
export function run(options = defaultMachineOptions) {
  let state: MachineState = initialMachineState({ runId: 'r', term: 3, committedStep: 0 });
  let now = 0;
  const tell = (event: MachineEvent): readonly MachineEffect[] => {
    const next = advance(state, event, now, options);
    state = next.state;
    return next.effects;
  };
  return {
    get state() {
      return state;
    },
    tell,
    wait: (ms: number): readonly MachineEffect[] => {
      now += ms;
      // Every worker sends a heartbeat, so that only deadlines act.
      const heard = [...state.workers.keys()].flatMap((worker) =>
        tell({ type: 'worker-heard', worker, ready: true }),
      );
      return [...heard, ...tell({ type: 'tick' })];
    },
    /** Time passes without an event. */
    pass: (ms: number): void => {
      now += ms;
    },
    sleep: (ms: number): readonly MachineEffect[] => {
      now += ms;
      return tell({ type: 'tick' });
    },
    join: (...ids: string[]): void => {
      for (const worker of ids) {
        tell({ type: 'worker-joined', worker });
        tell({ type: 'worker-heard', worker, ready: true });
      }
    },
    open: (step: number, count?: number, recorded?: string[]): readonly MachineEffect[] =>
      tell({ type: 'step-opened', step, shards: shards(step, count), recorded }),
    take: (worker: string, step: number, index: number, attempt = 1): readonly MachineEffect[] =>
      tell({ type: 'taken', worker, term: 3, ref: { step, index, attempt } }),
    contribute: (
      worker: string,
      step: number,
      index: number,
      change: Partial<Extract<MachineEvent, { type: 'contributed' }>> & { attempt?: number } = {},
    ): readonly MachineEffect[] => {
      const { attempt = 1, ...rest } = change;
      const ref = { step, index, attempt };
      const sha256 = `hash-${step}-${index}`;
      return tell({
        ...{ type: 'contributed', worker, runId: 'r', term: 3, ref, sha256, check: 'ok' },
        ...rest,
      });
    },
  };
}

export const verdictOf = (effects: readonly MachineEffect[]): string | undefined =>
  effects.flatMap((effect) => (effect.type === 'verdict' ? [effect.verdict] : []))[0];
export const enqueued = (effects: readonly MachineEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'enqueue' ? [effect] : []));
