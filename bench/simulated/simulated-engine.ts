import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  canonicalise,
  contributionHash,
  encodeGradient,
  LockstepError,
  sectionLengths,
  sectionRoots,
  type RunSpec,
} from '@lockstep/core';
import type {
  CommandName,
  ComputedFactors,
  ComputedShard,
  Early,
  Engine,
  EngineCommands,
} from '@lockstep/engine';

/** What a simulated engine imitates. */
export interface SimulatedMachine {
  readonly samplesPerSecond: number;
  /** Steps without a pause, until the coordinator's code is warm. */
  readonly hurried: number;
  /** The coordinator's: a simulated engine has no numerics to probe. */
  readonly fingerprint: string;
}

type Commands = {
  readonly [Name in CommandName]?: (
    argument: EngineCommands[Name]['argument'],
    early: (part: Early<Name>) => void,
  ) => EngineCommands[Name]['result'] | Promise<EngineCommands[Name]['result']>;
};

/** As small as real gradients are, so that the coordinator's weights stay numbers. */
const GRADIENT = 1e-6;
/** One value in so many is not zero, as in mnist-cnn's gradient once it has begun to learn. */
const SPARSENESS = 5;
/** Share of a shard's time after which mnist-cnn's factored section is known. */
const FACTORS_KNOWN = 0.4;

/**
 * An engine that computes nothing: a shard takes a pause and has a recorded gradient, so that what is
 * around it can be measured. It holds no weights, so it is for runs that never ask for a proof of them.
 *
 * @param simulated the coordinator's fingerprint, as no numerics are there to be probed; how long the
 *   pause for a shard is, and of how many steps there is none
 */
export function createSimulatedEngine(simulated: SimulatedMachine): Engine {
  const commands = simulatedCommands(simulated);
  return {
    facts: { backend: 'native', tensorflow: 'simulated', device: 'cpu' },
    run: async (name, argument, _transfer, early = () => undefined) => {
      const command = commands[name];
      if (!command) throw new LockstepError('internal', `${name} is not simulated`);
      return command(argument, early);
    },
    close: () => Promise.resolve(),
  };
}

function simulatedCommands({ fingerprint, samplesPerSecond, hurried }: SimulatedMachine): Commands {
  let spec: RunSpec | undefined;
  let version = 0;
  const recorded = new Map<number, RecordedShard>();
  const gradientOf = (run: RunSpec, rows: number) => {
    const known = recorded.get(rows) ?? recordGradient(run, rows);
    recorded.set(rows, known);
    return known;
  };
  return {
    prepare: (run) => void (spec = run.spec),
    probe: () => ({ fingerprint }),
    initialise: () => void (version = 0),
    load: (snapshot) => void (version = snapshot.version),
    apply: (update) => {
      version = update.version;
      return { applyMs: 0 };
    },
    hash: () => ({ version, stateSha256: '' }),
    export: () => ({ version, state: new Uint8Array(0), stateSha256: '', weightsSha256: '' }),
    pin: () => undefined,
    unpin: () => undefined,
    memory: () => ({ tensors: 0 }),
    computeGradient: async ({ shard }, early) => {
      if (!spec) throw new LockstepError('internal', 'the engine has no run yet');
      const { factors, ...answer } = gradientOf(spec, shard.sampleCount);
      const started = performance.now();
      const pauseMs = shard.step > hurried ? (shard.sampleCount / samplesPerSecond) * 1000 : 0;
      await delay(pauseMs * FACTORS_KNOWN);
      early(factors);
      await delay(pauseMs * (1 - FACTORS_KNOWN));
      return { ...answer, computeMs: performance.now() - started, encodeMs: 0 };
    },
  };
}

function recordGradient({ model, wire }: RunSpec, rows: number): RecordedShard {
  const lengths = sectionLengths(model, rows);
  const valuesOf = (length: number): Float32Array => {
    const values = Float32Array.from({ length }, (_, i) => (i % SPARSENESS === 0 ? GRADIENT : 0));
    canonicalise(values, wire);
    return values;
  };
  const values = { factored: valuesOf(lengths.factored), dense: valuesOf(lengths.dense) };
  const factored = encodeGradient(values.factored, wire);
  const totals = { sampleCount: rows, lossSum: rows, metricSums: [0] };
  const factoredSha256 = createHash('sha256').update(factored).digest('hex');
  const sha256 = contributionHash(totals, sectionRoots(values));
  const dense = encodeGradient(values.dense, wire);
  return { totals, dense, sha256, factors: { factored, factoredSha256 } };
}

/** What a shard always comes to. */
type RecordedShard = Omit<ComputedShard, 'computeMs' | 'encodeMs'> & {
  readonly factors: ComputedFactors;
};
