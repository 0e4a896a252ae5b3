import { Arbiter, Replica, type ArbiterParts } from '@lockstep/coordinator';
import { specHashAt } from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';
import type { Engine } from '@lockstep/engine';
import { saveCheckpoint } from '@lockstep/store';
import { Platter } from '@lockstep/store/memory';
import { describe, expect, it } from 'vitest';
import { bytesOf, createArithmetic, hashOf, simulatedModel, truthOf } from './arithmetic.js';
import { SimEngine } from './sim-engine.js';
import { World } from './world.js';

const spec = smallSpec({ model: simulatedModel, steps: 6 });
const arithmetic = createArithmetic(spec, false);
const { hashes } = truthOf(spec, arithmetic);
const truthAt = (version: number): Uint8Array<ArrayBuffer> =>
  bytesOf(truthOf(smallSpec({ model: simulatedModel, steps: version }), arithmetic).weights);

/** An engine whose world advances with every command. */
function createEngine(seen = { closed: 0, commands: [] as string[] }): Engine {
  const world = new World(1);
  const real = new SimEngine(world, world.newProcess('coordinator'), arithmetic, () => 0);
  return {
    facts: real.facts,
    run: (command, argument, ...more) => {
      seen.commands.push(command);
      const result = real.run(command, argument, ...more);
      void world.run(() => false, world.now + 1);
      return result;
    },
    close: () => {
      seen.closed += 1;
      return Promise.resolve();
    },
  };
}

/** An arbiter of a run whose newest version is `newest`, with checkpoints of `saved` versions. */
async function start(newest: number, saved: readonly number[], change: Partial<ArbiterParts> = {}) {
  const disk = new Platter().process();
  for (const version of saved) {
    const state = truthAt(version);
    const specHash = specHashAt(spec, version);
    await saveCheckpoint(disk, { version, specHash, weightsSha256: hashOf(state), state }, 5);
  }
  const seen = { started: 0, closed: 0, commands: [] as string[] };
  const own = createEngine();
  await own.run('load', { version: newest, state: truthAt(newest) });
  const arbiter = new Arbiter({
    run: { spec, model: 'small', data: 'small' },
    fingerprint: 'same',
    disk,
    replica: new Replica(own, newest),
    startEngine: () => {
      seen.started += 1;
      return Promise.resolve(createEngine(seen));
    },
    ...change,
  });
  return { arbiter, seen };
}

/** An engine whose weights have diverged at version 3. */
async function atNaN(): Promise<Engine> {
  const engine = createEngine();
  const state = bytesOf(arithmetic.initial().fill(NaN));
  await engine.run('load', { version: 3, state });
  return engine;
}

describe('the arbiter', () => {
  it('computes a shard of the open step from the newest state', async () => {
    const { arbiter, seen } = await start(3, [2]);
    expect(await arbiter.compute(4, 1)).toEqual({ sha256: hashes[3]?.[1], finite: true });
    expect(seen.commands).toEqual(['prepare', 'probe', 'load', 'computeGradient']);
  });

  it.each([
    [[], 1],
    [[], 4],
    [[1], 4],
    [[1, 2, 3], 4],
    [[1, 5], 4],
  ])('computes a committed shard from checkpoints %j, step %d', async (saved, step) => {
    const { arbiter } = await start(6, saved);
    expect(await arbiter.compute(step, 0)).toMatchObject({ sha256: hashes[step - 1]?.[0] });
  });

  it('computes one shard after another on one engine, which ends with the last', async () => {
    const { arbiter, seen } = await start(6, [2]);
    const shards: [number, number][] = [
      [4, 0],
      [4, 1],
      [6, 0],
      [3, 1],
    ];
    const computed = shards.map(([step, index]) => arbiter.compute(step, index));
    expect((await Promise.all(computed)).map(({ sha256 }) => sha256)).toEqual(
      shards.map(([step, index]) => hashes[step - 1]?.[index]),
    );
    await arbiter.close();
    expect(seen).toMatchObject({ started: 1, closed: 1 });
    // From the checkpoint to step 6 and, again from the checkpoint, to step 3: nothing twice.
    expect(seen.commands.filter((command) => command === 'apply')).toHaveLength(3);
  });

  it('reports that a gradient is not finite', async () => {
    const { arbiter } = await start(3, [], { replica: new Replica(await atNaN(), 3) });
    expect(await arbiter.compute(4, 0)).toMatchObject({ finite: false });
  });

  it('decides nothing with an engine of another fingerprint, and closes it', async () => {
    const { arbiter, seen } = await start(6, [], { fingerprint: 'other' });
    await expect(arbiter.compute(1, 0)).rejects.toThrow(/another numerics fingerprint/);
    await arbiter.close();
    expect(seen).toMatchObject({ started: 1, closed: 1 });
  });

  it('says why no engine can be started, and tries again next time', async () => {
    const startEngine = () => Promise.reject(new Error('out of memory'));
    const { arbiter } = await start(6, [], { startEngine });
    await expect(arbiter.compute(1, 0)).rejects.toThrow('out of memory');
    await expect(arbiter.compute(1, 0)).rejects.toThrow('out of memory');
  });
});
