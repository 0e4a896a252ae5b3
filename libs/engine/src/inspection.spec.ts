import { defaultRecipe, sizeOf, type RunSpec } from '@lockstep/core';
import { dataSpec, gatherBatch, loadDataSet, planStep, type DataSet } from '@lockstep/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// The built one: a thread starts from a file that Node can run.
import { computeStep, startEngine, type Engine, type Observation } from '../dist/index.js';

let spec: RunSpec;
let digits: DataSet;
let engine: Engine;
const image = (index: number): Float32Array => gatherBatch(digits.test, [index]).inputs;

beforeAll(async () => {
  digits = await loadDataSet('mnist');
  const data = dataSpec(digits);
  engine = await startEngine({ threads: 1 });
  const described = { model: 'mnist-cnn', data, batch: 8, shardSize: 4 };
  const model = await engine.run('describeModel', described);
  const { optimizer, keepProb } = defaultRecipe;
  spec = {
    ...{ formatVersion: 2, model, data, batch: 8, shardSize: 4, steps: 5, optimizer, keepProb },
    ...{ seed: 1, threads: 1, numerics: 'strict', device: 'cpu', wire: 'f32' },
  };
  await engine.run('prepare', { spec, model: 'mnist-cnn', data: 'mnist' });
  await engine.run('initialise', undefined);
});

afterAll(() => engine.close());

async function makeStep(step: number): Promise<void> {
  const { update } = await computeStep(engine, planStep(spec, step));
  await engine.run('apply', { version: step, update });
}

/** A layer's values, out of their levels. */
function valuesOf({ activations, levels }: Observation, layer: string): number[] {
  const { shape, low, high, offset } = activations.find((each) => each.layer === layer)!;
  const own = levels.subarray(offset, offset + sizeOf(shape));
  return Array.from(own, (level) => low + (level / 255) * (high - low));
}

describe('looking at a network', () => {
  it('changes no bit of it and keeps no tensor', async () => {
    const before = [await engine.run('hash', undefined), await engine.run('memory', undefined)];
    await engine.run('observe', { image: image(0), activations: true, dropoutOf: 3 });
    await engine.run('observe', { image: image(0), activations: false });
    await engine.run('histograms', undefined);
    await engine.run('firstFilters', { most: 64 });
    const after = [await engine.run('hash', undefined), await engine.run('memory', undefined)];
    expect(after).toEqual(before);
  });

  it('describes the layers', async () => {
    const layers = await engine.run('describeLayers', undefined);
    expect(layers).toHaveLength(11);
    expect(layers[3]).toEqual({
      name: 'conv2',
      kind: 'conv2d',
      outputShape: [14, 14, 64],
      parameterCount: 51_264,
      parameters: [
        { name: 'conv2/weights', shape: [5, 5, 32, 64] },
        { name: 'conv2/biases', shape: [64] },
      ],
      receptiveField: {
        rows: { size: 14, stride: 2, offset: -6 },
        columns: { size: 14, stride: 2, offset: -6 },
      },
    });
    expect(layers[7]).not.toHaveProperty('receptiveField');
  });
});

describe('an observed image', () => {
  it('has the probabilities of a prediction and, where asked for, what each layer gave', async () => {
    const [plain, whole, predicted] = await Promise.all([
      engine.run('observe', { image: image(0), activations: false }),
      engine.run('observe', { image: image(0), activations: true }),
      engine.run('predict', { images: image(0) }),
    ]);
    expect(plain.probabilities).toEqual(predicted.probabilities);
    expect(plain.activations).toEqual([]);
    whole.probabilities.forEach((probability, digit) =>
      expect(probability).toBeCloseTo(plain.probabilities[digit], 4),
    );
    expect(whole.levels.length).toBe(
      whole.activations.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    );
    const relu = valuesOf(whole, 'relu1');
    expect(Math.min(...relu)).toBe(0);
    expect(Math.max(...valuesOf(whole, 'pool1'))).toBeCloseTo(Math.max(...relu), 5);
  });

  it('drops half of the units with dropout, the same ones for the same place', async () => {
    const look = (dropoutOf: number): Promise<Observation> =>
      engine.run('observe', { image: image(1), activations: true, dropoutOf });
    const [first, again, other] = [await look(0), await look(0), await look(1)];
    expect(again).toEqual(first);
    const dropped = (observation: Observation): boolean[] => {
      const before = valuesOf(observation, 'relu3');
      return valuesOf(observation, 'dropout1').map(
        (value, unit) => value === 0 && before[unit] > 0,
      );
    };
    expect(dropped(other)).not.toEqual(dropped(first));
    const alive = valuesOf(first, 'relu3').filter((value) => value > 0).length;
    const share = dropped(first).filter(Boolean).length / alive;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.15);
  });
});

describe('histograms', () => {
  it('tell of every parameter, and of its last gradient once there is one', async () => {
    const { state, version } = await engine.run('export', {});
    const untrained = await engine.run('histograms', undefined);
    expect(untrained.parameters.map(({ name }) => name)).toEqual(
      spec.model.parameters.map(({ name }) => name),
    );
    expect(untrained.parameters.every(({ gradient }) => gradient === undefined)).toBe(true);
    const [conv, bias] = untrained.parameters;
    expect(conv).toMatchObject({ size: 800, sampled: 800 });
    expect(conv.weights.deviation).toBeCloseTo(0.088, 2); // normal of 0.1, cut off at twice that
    expect(bias.weights).toMatchObject({ low: bias.weights.high, deviation: 0 });

    await makeStep(version + 1);
    const trained = await engine.run('histograms', undefined);
    expect(trained.version).toBe(version + 1);
    for (const { sampled, gradient } of trained.parameters) {
      expect(gradient!.counts.reduce((sum, count) => sum + count, 0)).toBe(sampled);
      expect(gradient!.high).toBeGreaterThanOrEqual(gradient!.low);
    }
    expect(trained.parameters[4]).toMatchObject({ size: 3136 * 1024, sampled: 65_536 });

    await engine.run('load', { version, state });
    const loaded = await engine.run('histograms', undefined);
    expect(loaded).toEqual(untrained);
  });
});

describe('the first filters', () => {
  it('are those of the first convolution', async () => {
    const { filters } = await engine.run('firstFilters', { most: 10 });
    expect(filters).toMatchObject({
      ...{ layer: 'conv1', kind: 'conv2d', height: 5, width: 5, channels: 1, filterCount: 32 },
    });
    expect(filters!.values).toHaveLength(10 * 25);
  });
});
