import { defaultRecipe, type RunSpec } from '@lockstep/core';
import { dataSpec, loadDataSet, planStep } from '@lockstep/data';
import { startEngine, type Engine } from '@lockstep/engine';
import type { UpdateEvent } from '@lockstep/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHeldState, type HeldState } from './held-state.js';

let spec: RunSpec;
let coordinator: Engine;
let worker: Engine;

async function engineOf(run: RunSpec): Promise<Engine> {
  const engine = await startEngine({ threads: 1 });
  await engine.run('prepare', { spec: run, model: 'mnist-cnn', data: 'mnist' });
  return engine;
}

/** Makes a step at the coordinator. @returns the update as it would travel */
async function updateOf(step: number, change: Partial<UpdateEvent> = {}): Promise<UpdateEvent> {
  const shards = [];
  for (const shard of planStep(spec, step)) {
    const { payload } = await coordinator.run('computeGradient', { shard, clean: false });
    shards.push({ sampleCount: shard.sampleCount, payload });
  }
  const { update: payload } = await coordinator.run('reduceInOrder', { shards });
  await coordinator.run('apply', { version: step, rows: spec.batch, payload });
  const base = { kind: 'update', version: step, rows: spec.batch, sha256: '' } as const;
  return { ...base, payload, evaluated: false, decodeMs: 0, ...change };
}

async function snapshotInto(held: HeldState): Promise<void> {
  const { version, state, stateSha256 } = await coordinator.run('export', {});
  await held.load({ kind: 'snapshot', version, state, sha256: stateSha256 });
}

beforeAll(async () => {
  const data = dataSpec(await loadDataSet('mnist'));
  const describer = await startEngine({ threads: 1 });
  const model = await describer.run('describeModel', { model: 'mnist-cnn', data, batch: 6 });
  await describer.close();
  const { optimizer, keepProb } = defaultRecipe;
  spec = {
    ...{ formatVersion: 1, model, data, batch: 6, shardSize: 3, steps: 9, optimizer, keepProb },
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
    const held = createHeldState(worker);
    await held.initialise();
    expect(held.version).toBe(0);
    expect(await held.proof()).toEqual(await coordinator.run('hash', undefined));
  });

  it('follows by updates to the very state of the coordinator, and proves it', async () => {
    await coordinator.run('initialise', undefined);
    const held = createHeldState(worker);
    expect(await held.proof()).toEqual({ stateSha256: '' });
    await snapshotInto(held);
    const waiting = held.reaches(2, new AbortController().signal);
    await held.apply(await updateOf(1));
    const second = await updateOf(2);
    const { stateSha256 } = await coordinator.run('hash', undefined);
    await held.apply({ ...second, stateSha256 });
    await waiting;
    expect(await held.proof()).toEqual({ version: 2, stateSha256 });
  });

  it('takes no update out of turn', async () => {
    await coordinator.run('initialise', undefined);
    const held = createHeldState(worker);
    await snapshotInto(held);
    await updateOf(1);
    await expect(held.apply(await updateOf(2))).rejects.toMatchObject({
      code: 'protocol-violation',
      message: 'update 2 came after version 0',
    });
  });

  it('notices that it is not the coordinator’s', async () => {
    await coordinator.run('initialise', undefined);
    const held = createHeldState(worker);
    await snapshotInto(held);
    const update = await updateOf(1, { stateSha256: 'what nobody holds' });
    await expect(held.apply(update)).rejects.toThrow(/version 1 is not the coordinator's/);
  });

  it('keeps a version that is evaluated while it goes on', async () => {
    await coordinator.run('initialise', undefined);
    const held = createHeldState(worker);
    await snapshotInto(held);
    await held.apply(await updateOf(1, { evaluated: true }));
    await held.apply(await updateOf(2));
    expect(held.keeps(1)).toBe(true);
    const shard = { version: 1, index: 0, firstSample: 0, sampleCount: 10 };
    expect((await worker.run('evaluate', { shard })).predictions).toHaveLength(10);
  });

  it('gives up waiting when asked to', async () => {
    const leaving = new AbortController();
    const waiting = createHeldState(worker).reaches(7, leaving.signal);
    leaving.abort(new Error('draining'));
    await expect(waiting).rejects.toThrow('draining');
  });
});
