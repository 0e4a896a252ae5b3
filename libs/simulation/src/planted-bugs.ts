import { advance, type Advance, type MachineEvent, type MachineState } from '@lockstep/core';
import type { StepMachine } from '@lockstep/coordinator';
import type { ProtocolClient } from '@lockstep/protocol';
import { FencedDisk } from '@lockstep/store';
import type { Arithmetic } from './arithmetic.js';
import type { SimulationSettings } from './scene.js';

/** Bugs planted in the real coordinator: a simulation that does not find them proves nothing. */
export const plantedBugs: Readonly<Record<string, SimulationSettings>> = {
  'counts a duplicate twice': {
    stepMachine: altered(({ before, event, result }) => {
      const duplicate = result.effects.some(
        (effect) => effect.type === 'verdict' && effect.verdict === 'duplicate',
      );
      if (!duplicate || event.type !== 'contributed' || before.current === undefined) return result;
      const { index } = event.ref;
      const shards = before.current.shards;
      // The contribution is counted for the next shard.
      const next = shards[(index + 1) % shards.length];
      return next && next.counted === undefined
        ? withCounted(result, next.shard.index, event.sha256)
        : result;
    }),
  },
  'counts a late contribution': {
    stepMachine: (state, event, now, options) => {
      const late =
        event.type === 'contributed' && event.ref.step === state.committedStep && state.current;
      if (!late) return advance(state, event, now, options);
      const ref = { ...event.ref, step: event.ref.step + 1 };
      return advance(state, { ...event, ref }, now, options);
    },
  },
  'does not reissue the shards of a lost worker': {
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
  'fails the run for a late contribution that differs': {
    stepMachine: altered(({ event, result }) => {
      const isLate = result.effects.some(
        (effect) => effect.type === 'verdict' && effect.verdict === 'contradicts-ledger',
      );
      if (!isLate || event.type !== 'contributed') return result;
      const reason = 'a late contribution differs';
      const fail = { type: 'fail', code: 'nondeterminism', reason } as const;
      return { ...result, effects: [...result.effects, fail] };
    }),
  },
  'does not arbitrate a late contribution that differs': {
    stepMachine: altered(({ result }) => ({
      state: { ...result.state, lateDisputes: [] },
      effects: result.effects.filter(
        ({ type }) => type !== 'arbitrate' || result.state.lateDisputes.length === 0,
      ),
    })),
  },
  'takes NaN for a diverged run without computing it': {
    stepMachine: altered(({ event, result }) => {
      if (event.type !== 'contributed' || event.check !== 'not-finite') return result;
      const fail = { type: 'fail', code: 'diverged', reason: 'a gradient holds NaN' } as const;
      return { ...result, effects: [...result.effects, fail] };
    }),
  },
  'does not compare a recomputed step with the ledger': {
    stepMachine: (state, event, now, options) =>
      advance(
        state,
        event.type === 'step-opened' ? { ...event, recorded: undefined } : event,
        now,
        options,
      ),
  },
  'keeps the ledger that the arbiter has proved wrong': {
    stepMachine: altered(({ result }) => {
      const { refutedStep: _kept, ...state } = result.state;
      return { ...result, state };
    }),
  },
  'applies a step before the ledger has it': {
    ledger: (ledger, { scene, process }) => ({
      ...ledger,
      append: (entry) => scene.world.after(30, process, () => ledger.append(entry)),
    }),
  },
  'writes after it was superseded': {
    disk: (disk, { term }) =>
      new FencedDisk(disk, {
        term,
        mustHold: () => Promise.resolve(),
        mustHoldNow: () => undefined,
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

/** Bugs of a worker, planted at its ports: the rest of it is the real one. */
export const plantedWorkerBugs: Readonly<Record<string, SimulationSettings>> = {
  'answers a shard twice': withClient((client) => ({
    submit: (...contribution) => {
      client.submit(...contribution).catch(() => undefined);
      return client.submit(...contribution);
    },
  })),
  'computes with the wrong version': withArithmetic((arithmetic) => {
    let previous: Float32Array | undefined;
    return {
      compute: (weights, shard) => arithmetic.compute(previous ?? weights, shard),
      apply: (weights, update) => {
        previous = weights;
        return arithmetic.apply(weights, update);
      },
    };
  }),
  'drops a granted shard silently': withClient(() => ({
    submit: async (_begin, _factored, rest) => {
      await rest;
      return { verdict: 'counted', message: 'it was not sent' };
    },
  })),
  'applies an update twice': withArithmetic((arithmetic) => ({
    apply: (weights, update) => arithmetic.apply(arithmetic.apply(weights, update), update),
  })),
  'uses a stale session': withClient((client) => {
    let first: string | undefined;
    return {
      register: async (request) => {
        const outcome = await client.register(request);
        if (outcome.kind === 'accepted') first ??= outcome.session;
        return outcome;
      },
      take: (request) => client.take({ ...request, session: first ?? request.session }),
    };
  }),
};

function withClient(
  change: (client: ProtocolClient) => Partial<ProtocolClient>,
): SimulationSettings {
  return {
    worker: (ports) => ({
      ...ports,
      createClient: (address) => {
        const client = ports.createClient(address);
        return { ...client, ...change(client) };
      },
    }),
  };
}

function withArithmetic(
  change: (arithmetic: Arithmetic) => Partial<Arithmetic>,
): SimulationSettings {
  return {
    worker: (ports, worker) => {
      const { arithmetic } = worker.scene;
      const startEngine = () =>
        Promise.resolve(worker.engineWith({ ...arithmetic, ...change(arithmetic) }));
      return { ...ports, startEngine };
    },
  };
}

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

/** Whether a shard was granted to a worker that is gone. */
function wasLost({ current, workers }: MachineState, index: number): boolean {
  const attempts = current?.shards[index]?.attempts ?? [];
  return attempts.some(({ takenBy }) => takenBy !== undefined && !workers.has(takenBy));
}
