import { advance, type Advance, type MachineEvent, type MachineState } from '@lockstep/core';
import type { StepMachine } from '../steps/step-shell.js';
import type { SimulationSettings } from './simulation.js';

/** Bugs put into the real code on purpose: a simulation that does not find them proves nothing. */
export const plantedBugs: Readonly<Record<string, SimulationSettings>> = {
  'counts a duplicate twice': {
    stepMachine: altered(({ before, event, result }) => {
      const duplicate = result.effects.some(
        (effect) => effect.type === 'verdict' && effect.verdict === 'duplicate',
      );
      if (!duplicate || event.type !== 'contributed' || before.current === undefined) return result;
      const { index } = event.ref;
      const shards = before.current.shards;
      // The answer is taken for that of the shard after it.
      const next = shards[(index + 1) % shards.length];
      return next && next.counted === undefined
        ? withCounted(result, next.shard.index, event.sha256)
        : result;
    }),
  },
  'counts a late answer': {
    stepMachine: (state, event, now, options) => {
      const late =
        event.type === 'contributed' && event.ref.step === state.committedStep && state.current;
      if (!late) return advance(state, event, now, options);
      const ref = { ...event.ref, step: event.ref.step + 1 };
      return advance(state, { ...event, ref }, now, options);
    },
  },
  'forgets to hand out again what a lost worker had': {
    stepMachine: altered(({ result }) => ({
      ...result,
      effects: result.effects.filter(
        (effect) => effect.type !== 'enqueue' || !wasLost(result.state, effect.shard.index),
      ),
    })),
  },
  'commits before the last shard is there': {
    stepMachine: altered(({ result }) => {
      const { current } = result.state;
      const counted = current?.shards.flatMap(({ counted: hash }) => hash ?? []) ?? [];
      if (!current || counted.length === 0 || counted.length !== current.shards.length - 1)
        return result;
      const { current: _done, ...rest } = result.state;
      return {
        state: { ...rest, committedStep: current.step },
        effects: [...result.effects, { type: 'commit', step: current.step, hashes: counted }],
      };
    }),
  },
  'applies a step before the ledger has it': {
    ledger: (ledger, { simulation, process }) => ({
      ...ledger,
      append: (entry) => simulation.world.after(30, process, () => ledger.append(entry)),
    }),
  },
  'ignores the term': {
    stepMachine: (state, event, now, options) =>
      advance(
        state,
        event.type === 'taken' || event.type === 'contributed'
          ? { ...event, term: state.term }
          : event,
        now,
        options,
      ),
  },
};

function altered(
  change: (step: { before: MachineState; event: MachineEvent; result: Advance }) => Advance,
): StepMachine {
  return (state, event, now, options) =>
    change({ before: state, event, result: advance(state, event, now, options) });
}

function withCounted(result: Advance, index: number, sha256: string): Advance {
  const { current } = result.state;
  if (!current) return result;
  const shards = current.shards.map((progress) =>
    progress.shard.index === index ? { ...progress, counted: sha256 } : progress,
  );
  return { ...result, state: { ...result.state, current: { ...current, shards } } };
}

/** Whether a shard has been in the hands of a worker that is gone. */
function wasLost({ current, workers }: MachineState, index: number): boolean {
  const attempts = current?.shards[index]?.attempts ?? [];
  return attempts.some(({ takenBy }) => takenBy !== undefined && !workers.has(takenBy));
}
