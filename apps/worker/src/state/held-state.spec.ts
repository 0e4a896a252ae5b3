import { defaultRecipe, type RunSpec } from '@lockstep/core';
import { dataSpec, loadDataSet, planStep } from '@lockstep/data';
import { computeStep, startEngine, type Engine } from '@lockstep/engine';
import type { UpdateEvent } from '@lockstep/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HeldState } from './held-state.js';

let spec: RunSpec;
let coordinator: Engine;
let worker: Engine;

async function engineOf(run: RunSpec): Promise<Engine> {
  const engine = await startEngine({ threads: 1 });
  await engine.run('prepare', { spec: run, model: 'mnist-cnn', data: 'mnist' });
  return engine;
}

/** Makes a step at the coordinator. @returns what a worker gets of it, in order */
async function stepFor(
  held: HeldState,
  step: number,
  change: Partial<UpdateEvent> = {},
): Promise<UpdateEvent> {
  const { update } = await computeStep(coordinator, planStep(spec, step));
  const shards = update.shards.map(({ sampleCount, factored, factoredSha256 }, index) => {
    held.keepFactors({ step, index, sha256: factoredSha256 }, factored);
    return { sampleCount, factoredSha256 };
  });
  await coordinator.run('apply', { version: step, update });
  const base = { kind: 'update', version: step, shards, sha256: '' } as const;
  const dense = Uint8Array.from(update.dense);
  return { ...base, dense, evaluated: false, prove: false, decodeMs: 0, ...change };
}

async function snapshotInto(held: HeldState): Promise<void> {
  const { version, state, stateSha256 } = await coordinator.run('export', {});
  await held.load({ kind: 'snapshot', version, state, sha256: stateSha256 });
}

beforeAll(async () => {
  const data = dataSpec(await loadDataSet('mnist'));
  const describer = await startEngine({ threads: 1 });
  const described = { model: 'mnist-cnn', data, batch: 6, shardSize: 3 };
  const model = await describer.run('describeModel', described);
  await describer.close();
  const { optimizer, keepProb } = defaultRecipe;
  spec = {
    ...{ formatVersion: 2, model, data, batch: 6, shardSize: 3, steps: 9, optimizer, keepProb },
    ...{ seed: 1, threads: 1, numerics: 'strict', device: 'cpu', wire: 'f32' },
  };
  coordinator = await engineOf(spec);
  worker = await engineOf(spec);
});

afterAll(async () => {
  await coordinator.close();
  await worker.close();
});

describe('the state a worker holds', () => {
  it('begins, before any step, without anything from the coordinator', async () => {
    await coordinator.run('initialise', undefined);
    const held = new HeldState(worker);
    await held.initialise();
    expect(held.version).toBe(0);
    expect(await held.holding()).toEqual(await coordinator.run('hash', undefined));
  });

  it('follows by updates to the very state of the coordinator, and proves it', async () => {
    await coordinator.run('initialise', undefined);
    const held = new HeldState(worker);
    expect(await held.holding()).toEqual({ stateSha256: '' });
    await snapshotInto(held);
    const waiting = held.reaches(2, new AbortController().signal);
    await held.apply(await stepFor(held, 1));
    const second = await stepFor(held, 2);
    const { stateSha256 } = await coordinator.run('hash', undefined);
    await held.apply({ ...second, prove: true });
    await waiting;
    expect(await held.holding()).toEqual({ version: 2, stateSha256 });
    expect(held.proof).toEqual({ version: 2, stateSha256 });
    const { state } = await coordinator.run('export', {});
    const proof = { version: 2, stateSha256 };
    expect(held.proved({ ...proof, version: 1 })).toBeUndefined();
    expect(Buffer.compare(held.proved(proof) ?? Buffer.alloc(0), state)).toBe(0);
    expect(held.proved(proof)).toBeUndefined();
  });

  it('takes no update out of turn', async () => {
    await coordinator.run('initialise', undefined);
    const held = new HeldState(worker);
    await snapshotInto(held);
    await stepFor(held, 1);
    await expect(held.apply(await stepFor(held, 2))).rejects.toMatchObject({
      code: 'protocol-violation',
      message: 'update 2 came after version 0',
    });
  });

  it('applies nothing of which a factored section is missing', async () => {
    await coordinator.run('initialise', undefined);
    const held = new HeldState(worker);
    await snapshotInto(held);
    const update = await stepFor(new HeldState(worker), 1);
    await expect(held.apply(update)).rejects.toMatchObject({
      code: 'protocol-violation',
      message: 'the factors of step 1 shard 0 have not come before the update',
    });
  });

  it('keeps a version that is evaluated while it goes on', async () => {
    await coordinator.run('initialise', undefined);
    const held = new HeldState(worker);
    await snapshotInto(held);
    await held.apply(await stepFor(held, 1, { evaluated: true }));
    await held.apply(await stepFor(held, 2));
    expect(held.keeps(1)).toBe(true);
    const shard = { version: 1, index: 0, firstSample: 0, sampleCount: 10 };
    expect((await worker.run('evaluate', { shard })).predictions).toHaveLength(10);
  });

  it('gives up waiting when asked to', async () => {
    const leaving = new AbortController();
    const waiting = new HeldState(worker).reaches(7, leaving.signal);
    leaving.abort(new Error('draining'));
    await expect(waiting).rejects.toThrow('draining');
  });
});
