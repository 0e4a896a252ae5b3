import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, loadBackends, numbers, relativeError } from '../../spec-backends.js';
import { buildModel } from '../networks/build-model.js';
import { dropoutMask } from '../layers/dropout-mask.js';
import { predict } from '../networks/evaluate-batch.js';
import { initialWeights } from '../networks/initial-weights.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { dropout } from '../layers/dropout.js';
import { flatten } from '../layers/flatten.js';
import { maxPool2d } from '../layers/max-pool2d.js';
import { relu } from '../layers/relu.js';
import { observeImage, type ImageObservation } from './observe-image.js';

const model = buildModel(
  {
    name: 'small',
    layers: [
      ...[conv2d({ filters: 3, kernelSize: 3 }), relu(), maxPool2d(2)],
      ...[conv2d({ filters: 4, kernelSize: 3 }), relu(), maxPool2d(2), flatten()],
      ...[dense({ units: 32 }), relu(), dropout(), dense({ units: 'classes' })],
    ],
  },
  [12, 12, 1],
  { classes: 5 },
);
const image = numbers(144).map(Math.abs);
let weights: tf.Tensor[];

beforeAll(async () => {
  await loadBackends();
  const values = initialWeights(model, 1);
  weights = model.parameters.map(({ shape }, i) => tf.tensor(values[i], [...shape]));
});
afterAll(() => tf.dispose(weights));

const layerOf = ({ activations }: ImageObservation, name: string): Float32Array =>
  activations.find(({ layer }) => layer === name)!.values;

describe.each(BACKENDS)('observeImage on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it('predicts what the fast pass predicts, and keeps no tensor', () => {
    const before = tf.memory().numTensors;
    const { probabilities } = observeImage(model, weights, image);
    expect(relativeError(probabilities, predict(model, weights, image))).toBeLessThan(1e-5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('shows every layer that changes something, each made of the one before', () => {
    const seen = observeImage(model, weights, image);
    expect(seen.activations.map(({ layer, shape }) => `${layer} ${shape.join('×')}`)).toEqual([
      ...['conv1 12×12×3', 'relu1 12×12×3', 'pool1 6×6×3'],
      ...['conv2 6×6×4', 'relu2 6×6×4', 'pool2 3×3×4'],
      ...['fc1 32', 'relu3 32', 'dropout1 32', 'fc2 5'],
    ]);
    const conv = layerOf(seen, 'conv1');
    expect(layerOf(seen, 'relu1')).toEqual(conv.map((value) => Math.max(0, value)));
    expect(conv.some((value) => value < 0)).toBe(true);
    const pooled = layerOf(seen, 'pool1');
    // row 1, column 2 of channel 1
    expect(pooled[(1 * 6 + 2) * 3 + 1]).toBe(
      Math.max(0, ...[0, 1, 12, 13].map((step) => conv[(2 * 12 + 4 + step) * 3 + 1])),
    );
    expect(layerOf(seen, 'dropout1')).toEqual(layerOf(seen, 'relu3'));
  });

  it('drops what the run would drop at that place of that step', () => {
    const key = { seed: 3, step: 7, firstSample: 2, keepProb: 0.5 };
    const seen = observeImage(model, weights, image, key);
    const mask = dropoutMask(key, 0, 1, 32);
    const kept = layerOf(seen, 'relu3').map((value, unit) => value * mask[unit]);
    expect(relativeError(layerOf(seen, 'dropout1'), kept)).toBeLessThan(1e-6);
    expect(observeImage(model, weights, image, key)).toEqual(seen);
  });
});
