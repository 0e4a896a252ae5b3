import { setTimeout as delay } from 'node:timers/promises';
import {
  contributionHash,
  encodeGradient,
  gradientLength,
  LockstepError,
  type RunSpec,
} from '@lockstep/core';
import type { CommandName, ComputedShard, Engine, EngineCommands } from '@lockstep/engine';

type Commands = {
  readonly [Name in CommandName]?: (
    argument: EngineCommands[Name]['argument'],
  ) => EngineCommands[Name]['result'] | Promise<EngineCommands[Name]['result']>;
};

/** As small as real gradients are, so that the coordinator's weights stay numbers. */
const GRADIENT = 1e-6;
/** One value in so many is not zero, as in mnist-cnn's gradient once it has begun to learn. */
const SPARSENESS = 5;

/**
 * An engine that computes nothing: a shard takes a pause and has a recorded gradient, so that what is
 * around it can be measured. It holds no weights, so runs must be shorter than the first proof of them.
 *
 * @param fingerprint the coordinator's, as no numerics are there to be probed
 * @param samplesPerSecond how long the pause for a shard is
 */
export function createSimulatedEngine(fingerprint: string, samplesPerSecond: number): Engine {
  let spec: RunSpec | undefined;
  let version = 0;
  const recorded = new Map<number, Omit<ComputedShard, 'computeMs' | 'encodeMs'>>();
  const gradientOf = (run: RunSpec, rows: number) => {
    const known = recorded.get(rows) ?? recordGradient(run, rows);
    recorded.set(rows, known);
    return known;
  };
  const commands: Commands = {
    prepare: (run) => void (spec = run.spec),
    probe: () => ({ fingerprint }),
    initialise: () => void (version = 0),
    load: (snapshot) => void (version = snapshot.version),
    apply: (update) => {
      version = update.version;
      return { applyMs: 0 };
    },
    hash: () => ({ version, stateSha256: '' }),
    pin: () => undefined,
    unpin: () => undefined,
    memory: () => ({ tensors: 0 }),
    computeGradient: async ({ shard }) => {
      if (!spec) throw new LockstepError('internal', 'the engine has no run yet');
      const answer = gradientOf(spec, shard.sampleCount);
      const started = performance.now();
      await delay((shard.sampleCount / samplesPerSecond) * 1000);
      return { ...answer, computeMs: performance.now() - started, encodeMs: 0 };
    },
  };
  return {
    facts: { backend: 'native', tensorflow: 'simulated', device: 'cpu' },
    run: async (name, argument) => {
      const command = commands[name];
      if (!command) throw new LockstepError('internal', `${name} is not simulated`);
      return command(argument);
    },
    close: () => Promise.resolve(),
  };
}

function recordGradient(
  { model, wire }: RunSpec,
  rows: number,
): Omit<ComputedShard, 'computeMs' | 'encodeMs'> {
  const length = gradientLength(model.parameters, rows);
  const values = Float32Array.from({ length }, (_, i) => (i % SPARSENESS === 0 ? GRADIENT : 0));
  const payload = encodeGradient(values, wire);
  const totals = { sampleCount: rows, lossSum: rows, correctCount: 0 };
  return { totals, payload, sha256: contributionHash(totals, payload) };
}
