import type { Engine } from '@lockstep/engine';
import { describe, expect, it } from 'vitest';
import { Replica } from '@lockstep/coordinator';
import {
  bytesOf,
  createArithmetic,
  hashOf,
  simulatedModel,
  type SimulatedShard,
  truthOf,
} from './arithmetic.js';
import { SimEngine } from './sim-engine.js';
import { World } from './world.js';
import { planStep } from '@lockstep/data';
import type { StepUpdate } from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';

const spec = smallSpec({ model: simulatedModel, steps: 6 });
const arithmetic = createArithmetic(spec, false);

function updateOf(shards: readonly SimulatedShard[]): StepUpdate {
  return {
    shards: shards.map(({ totals, payload, factoredSha256 }) => ({
      ...{ sampleCount: totals.sampleCount, factored: payload.factored, factoredSha256 },
    })),
    dense: arithmetic.reduce(shards.map(({ payload }) => payload.dense)),
  };
}

/** The updates of a run and the weights after each, by arithmetic alone. */
const steps = (() => {
  const made: { update: () => StepUpdate; weights: Float32Array }[] = [];
  let weights = arithmetic.initial();
  for (let step = 1; step <= spec.steps; step++) {
    const before = weights;
    const update = (): StepUpdate =>
      updateOf(planStep(spec, step).map((shard) => arithmetic.compute(before, shard)));
    weights = arithmetic.apply(weights, update());
    made.push({ update, weights });
  }
  return made;
})();
const weightsAt = (version: number): Float32Array =>
  version === 0 ? arithmetic.initial() : steps[version - 1].weights;

interface Watched {
  readonly replica: Replica;
  readonly engine: Engine;
  /** Names of the commands that the engine was asked for. */
  readonly asked: string[];
  append(step: number): void;
}

async function watched(): Promise<Watched> {
  const world = new World(1);
  const process = world.newProcess('coordinator');
  const real = new SimEngine(world, process, arithmetic, () => 0);
  const asked: string[] = [];
  const engine: Engine = {
    facts: real.facts,
    run: (command, argument, ...more) => {
      asked.push(command);
      const result = real.run(command, argument, ...more);
      void world.run(() => false, world.now + 1);
      return result;
    },
    close: () => real.close(),
  };
  await engine.run('initialise', undefined);
  asked.length = 0;
  const replica = new Replica(engine, 0);
  const append = (step: number): void =>
    replica.apply({ version: step, update: steps[step - 1].update() });
  return { replica, engine, asked, append };
}

const hashAt = (version: number): object => ({
  ...{ version, stateSha256: hashOf(bytesOf(weightsAt(version))) },
});

describe('the coordinator’s replica', () => {
  it('agrees with the arithmetic of a whole run', () => {
    const { weights } = truthOf(spec, arithmetic);
    expect(weightsAt(spec.steps)).toEqual(weights);
  });

  it('applies nothing until the newest version is needed, and then everything, in order', async () => {
    const { replica, asked, append } = await watched();
    for (const step of [1, 2, 3]) append(step);
    expect(replica.behind.steps).toBe(3);
    expect(asked).toEqual([]);
    expect(await replica.newest('hash', undefined)).toEqual(hashAt(3));
    expect(asked).toEqual(['apply', 'apply', 'apply', 'hash']);
    expect(replica.behind).toEqual({ steps: 0, bytes: 0 });
  });

  it('runs on a recent version at once, and catches up a little each time', async () => {
    const { replica, asked, append } = await watched();
    for (const step of [1, 2, 3, 4, 5]) append(step);
    const recent = async (): Promise<number> =>
      (await replica.recent('firstFilters', { most: 1 })).version;
    expect([await recent(), await recent(), await recent()]).toEqual([0, 4, 5]);
    expect(asked[0]).toBe('firstFilters');
    expect(replica.behind.steps).toBe(0);
  });

  it('comes to the same when it adopts a state on the way', async () => {
    const { replica, asked, append } = await watched();
    for (const step of [1, 2, 3]) append(step);
    expect(replica.adopt(2, bytesOf(weightsAt(2)))).toBe(true);
    expect(await replica.newest('hash', undefined)).toEqual(hashAt(3));
    expect(asked).toEqual(['load', 'apply', 'hash']);
  });

  it('leaves no unhandled rejection when nothing waits for an engine that has ended', async () => {
    const { replica, engine, append } = await watched();
    await engine.close();
    append(2); // no update of version 0: the engine refuses it
    void replica.catchUp();
    await expect(replica.catchUp()).rejects.toThrow(/update 2 on 0/);
  });

  it('adopts nothing that it is beyond, or that has not been yet', async () => {
    const { replica, append } = await watched();
    append(1);
    await replica.catchUp();
    expect(replica.adopt(1, bytesOf(weightsAt(1)))).toBe(false);
    expect(replica.adopt(2, bytesOf(weightsAt(2)))).toBe(false);
    expect(await replica.newest('hash', undefined)).toEqual(hashAt(1));
  });

  it('asks at one version on its way to a later one', async () => {
    const { replica, append } = await watched();
    for (const step of [1, 2, 3]) append(step);
    const hash = (engine: Engine) => engine.run('hash', undefined);
    const [second, newest] = await Promise.all([
      replica.at(2, hash),
      replica.newest('hash', undefined),
    ]);
    expect(second).toEqual(hashAt(2));
    expect(newest).toEqual(hashAt(3));
    await expect(replica.at(1, hash)).rejects.toThrow(/version 1 is gone/);
  });

  it('waits for a state that is expected, and computes it once it catches up', async () => {
    for (const how of ['adopted', 'computed'] as const) {
      const { replica, append } = await watched();
      replica.expect(2);
      for (const step of [1, 2, 3]) append(step);
      let known = false;
      const asked = replica
        .at(2, (engine) => engine.run('hash', undefined))
        .finally(() => (known = true));
      await Promise.resolve();
      expect([known, replica.behind.steps]).toEqual([false, 3]);
      if (how === 'adopted') replica.adopt(2, bytesOf(weightsAt(2)));
      else await replica.catchUp();
      expect(await asked).toEqual(hashAt(2));
    }
  });
});
