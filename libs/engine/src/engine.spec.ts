import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  contributionHash,
  decodeGradient,
  defaultRecipe,
  sectionLengths,
  sectionRoots,
  type DataSpec,
  type RunSpec,
  type Shard,
} from '@lockstep/core';
import { dataSpec, loadDataSet, planStep } from '@lockstep/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// The built one: a thread starts from a file that Node can run.
import { computeStep, startEngine, type ComputedFactors, type Engine } from '../dist/index.js';

let data: DataSpec;
let spec: RunSpec;
const engines: Engine[] = [];

async function freshEngine(): Promise<Engine> {
  const engine = await startEngine({ threads: 1 });
  engines.push(engine);
  return engine;
}

/** An engine that holds version 0 of the run. */
async function preparedEngine(change: Partial<RunSpec> = {}): Promise<Engine> {
  const engine = await freshEngine();
  await engine.run('prepare', { spec: { ...spec, ...change }, model: 'mnist-cnn', data: 'mnist' });
  await engine.run('initialise', undefined);
  return engine;
}

/** A shard's whole contribution. */
async function contributionOf(engine: Engine, shard: Shard) {
  let early: ComputedFactors | undefined;
  const request = { shard, clean: true };
  const whole = await engine.run('computeGradient', request, [], (part) => (early = part));
  if (!early) throw new Error('the factored section did not come');
  const { factored, factoredSha256 } = early;
  return { ...whole, factoredSha256, payload: { factored, dense: whole.dense } };
}

/** One whole step, as a run makes it. */
async function makeStep(engine: Engine, step: number): Promise<void> {
  const { update } = await computeStep(engine, planStep(spec, step));
  await engine.run('apply', { version: step, update });
}

beforeAll(async () => {
  data = dataSpec(await loadDataSet('mnist'));
  const engine = await freshEngine();
  const described = { model: 'mnist-cnn', data, batch: 8, shardSize: 3 };
  const model = await engine.run('describeModel', described);
  const { optimizer, keepProb } = defaultRecipe;
  spec = {
    ...{ formatVersion: 2, model, data, batch: 8, shardSize: 3, steps: 5, optimizer, keepProb },
    ...{ seed: 1, threads: 1, numerics: 'strict', device: 'cpu', wire: 'f32' },
  };
});

afterAll(async () => {
  for (const engine of engines) await engine.close();
});

describe('two engines', () => {
  it('agree, bit for bit, after steps, whether they made them or loaded a state', async () => {
    const maker = await preparedEngine();
    await makeStep(maker, 1);
    const { state, version } = await maker.run('export', {});
    const loader = await preparedEngine();
    await loader.run('load', { version, state });
    for (const engine of [maker, loader]) {
      await makeStep(engine, 2);
      await makeStep(engine, 3);
    }
    const [made, loaded] = await Promise.all([maker.run('export', {}), loader.run('export', {})]);
    expect(made.version).toBe(3);
    expect(loaded.stateSha256).toBe(made.stateSha256);
    expect(createHash('sha256').update(made.state).digest('hex')).toBe(made.stateSha256);
  });

  it('have the same fingerprint for one spec, and another for another shard size', async () => {
    const fingerprints = [];
    for (const change of [{}, {}, { shardSize: 4 }]) {
      const engine = await preparedEngine(change);
      fingerprints.push((await engine.run('probe', undefined)).fingerprint);
    }
    expect(fingerprints[1]).toBe(fingerprints[0]);
    expect(fingerprints[2]).not.toBe(fingerprints[0]);
  });
});

describe('a computed shard', () => {
  it('carries the hash of its totals and values, and half the bytes for each number as bf16', async () => {
    const [shard] = planStep(spec, 1);
    if (!shard) throw new Error('a step has a shard');
    const full = await preparedEngine();
    const half = await preparedEngine({ wire: 'bf16' });
    const inFull = await contributionOf(full, shard);
    const inHalf = await contributionOf(half, shard);
    const { totals, payload } = inFull;
    const lengths = sectionLengths(spec.model, 3);
    for (const [wire, { payload: sent, sha256, ...computed }] of [
      ['f32', inFull],
      ['bf16', inHalf],
    ] as const) {
      const factored = decodeGradient(sent.factored, lengths.factored, wire);
      const dense = decodeGradient(sent.dense, lengths.dense, wire);
      const received = contributionHash(computed.totals, sectionRoots({ factored, dense }));
      expect(sha256).toBe(received);
    }
    expect(totals).toMatchObject({ sampleCount: 3 });
    expect(totals.cleanCorrectCount).toBeLessThanOrEqual(3);
    expect(inFull.factoredSha256).toBe(createHash('sha256').update(payload.factored).digest('hex'));
    for (const section of ['factored', 'dense'] as const) {
      const masks = Math.ceil(lengths[section] / 32) * 4;
      const values = payload[section].byteLength - masks;
      expect(inHalf.payload[section].byteLength - masks).toBe(values / 2);
    }
  });

  it('is refused when the weights are of another version than its step needs', async () => {
    const engine = await preparedEngine();
    const [shard] = planStep(spec, 2);
    if (!shard) throw new Error('a step has a shard');
    await expect(engine.run('computeGradient', { shard, clean: false })).rejects.toThrow(
      /step 2 asked of version 0/,
    );
  });
});

describe('a pinned version', () => {
  it('is evaluated as it was, whatever is applied meanwhile', async () => {
    const engine = await preparedEngine();
    await engine.run('pin', { version: 0 });
    const shard = { version: 0, index: 0, firstSample: 0, sampleCount: 50 };
    const before = await engine.run('evaluate', { shard });
    await makeStep(engine, 1);
    const after = await engine.run('evaluate', { shard });
    expect(after).toEqual(before);
    await engine.run('unpin', { version: 0 });
    await expect(engine.run('evaluate', { shard })).rejects.toThrow(/version 0 is not pinned/);
  });
});

describe('the engine', () => {
  it('keeps no tensor that it does not need', async () => {
    const engine = await preparedEngine();
    await makeStep(engine, 1);
    const { tensors } = await engine.run('memory', undefined);
    await makeStep(engine, 2);
    await makeStep(engine, 3);
    expect(await engine.run('memory', undefined)).toEqual({ tensors });
  });

  it('saves the model', async () => {
    const engine = await preparedEngine();
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-model-'));
    try {
      await engine.run('saveModel', { folder });
      expect((await readdir(folder)).sort()).toEqual(['model.json', 'weights.bin']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('rejects what is under way when it is closed', async () => {
    const engine = await freshEngine();
    const under = expect(engine.run('probe', undefined)).rejects.toMatchObject({
      code: 'internal',
    });
    await engine.close();
    await under;
    await expect(engine.run('hash', undefined)).rejects.toThrow(/closed/);
  });
});
