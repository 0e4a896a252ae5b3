import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBackends, numbers, relativeError, tensorOf } from '../../spec-backends.js';
import { buildModel } from './build-model.js';
import { defineModel } from './model.js';
import { predict } from './evaluate-batch.js';
import { initialWeights } from './initial-weights.js';
import {
  add,
  avgPool2d,
  batchNorm,
  branch,
  concatenate,
  conv2d,
  dense,
  depthwiseConv2d,
  dropout,
  flatten,
  gelu,
  globalAveragePool,
  globalMaxPool,
  groupNorm,
  layerNorm,
  leakyRelu,
  maxPool2d,
  relu,
  separableConv2d,
  sigmoid,
  softmax,
  tanh,
} from '../user-api.js';
import { mnistCnn } from './mnist-cnn.js';
import { saveLayersModel } from './save-layers-model.js';

const strided = defineModel({
  name: 'strided',
  layers: [
    conv2d({ name: 'first', filters: 3, kernelSize: 3, stride: 2, padding: 'valid' }),
    relu(),
    maxPool2d(3, { stride: 2, padding: 'valid' }),
    flatten(),
    dropout(),
    dense({ units: 4 }),
  ],
});

const varied = defineModel({
  name: 'varied',
  layers: [
    ...[conv2d({ filters: 4, kernelSize: 3, bias: false }), layerNorm(), gelu()],
    ...[depthwiseConv2d({ kernelSize: 3, multiplier: 2, stride: 2 }), leakyRelu({ slope: 0.2 })],
    ...[
      avgPool2d(3, { stride: 2 }),
      batchNorm(),
      separableConv2d({ filters: 6, kernelSize: 3 }),
      tanh(),
    ],
    ...[globalAveragePool(), dropout({ rate: 0.1 }), dense({ units: 7 }), batchNorm(), sigmoid()],
    ...[softmax(), dense({ units: 'classes' })],
  ],
});

const pooled = defineModel({
  name: 'pooled',
  layers: [conv2d({ filters: 5, kernelSize: 3 }), globalMaxPool(), dense({ units: 'classes' })],
});

const residual = defineModel({
  name: 'residual',
  layers: [
    ...[conv2d({ filters: 4, kernelSize: 3 }), groupNorm({ groups: 2 }), relu({ name: 'start' })],
    ...[conv2d({ filters: 6, kernelSize: 3, stride: 2, name: 'main' }), branch({ from: 'start' })],
    ...[conv2d({ filters: 6, kernelSize: 1, stride: 2 }), add({ with: 'main', name: 'sum' })],
    ...[relu(), concatenate({ with: 'sum' }), groupNorm({ groups: 3 }), flatten()],
    ...[groupNorm({ groups: 4 }), dense({ units: 'classes' })],
  ],
});

/** One output: a logit of two classes, or the value of a regression. */
const oneOutput = defineModel({ name: 'one', layers: [flatten(), dense({ units: 1 })] });

let folder = '';
beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('tensorflow');
  folder = await mkdtemp(join(tmpdir(), 'lockstep-save-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('saveLayersModel', () => {
  it.each([
    { definition: mnistCnn, imageShape: [28, 28, 1] as const, target: { classes: 10 } },
    { definition: strided, imageShape: [15, 11, 3] as const, target: { classes: 4 } },
    { definition: varied, imageShape: [12, 11, 2] as const, target: { classes: 3 } },
    { definition: residual, imageShape: [5, 6, 1] as const, target: { classes: 3 } },
    { definition: pooled, imageShape: [6, 5, 2] as const, target: { classes: 3 } },
    { definition: oneOutput, imageShape: [3, 3, 1] as const, target: { values: 1 } },
  ])('saves $definition.name so that tfjs-layers opens it and predicts the same', async (c) => {
    const model = buildModel(c.definition, c.imageShape, c.target);
    const weights = [
      ...initialWeights(model, 5).map((v, i) => tf.tensor(v, [...model.parameters[i].shape])),
      ...model.buffers.map(({ shape }, i) => tf.abs(tensorOf([...shape], i))),
    ];
    const to = join(folder, model.name);
    await saveLayersModel(model, weights, to);

    const { loadLayersModel } = await import('@tensorflow/tfjs-node');
    const loaded = await loadLayersModel(`file://${join(to, 'model.json')}`);
    const images = numbers(7 * c.imageShape.reduce<number>((a, b) => a * b, 1)).map(Math.abs);
    const theirs = loaded.predict(tf.tensor(images, [7, ...c.imageShape])) as tf.Tensor;
    expect(relativeError(theirs.dataSync(), predict(model, weights, images))).toBeLessThan(1e-5);
    expect(loaded.countParams()).toBe(weights.reduce((sum, { size }) => sum + size, 0));
  });

  it('saves the one output of two classes so that it is the probability of the second', async () => {
    const model = buildModel(oneOutput, [3, 3, 1], { classes: 2 });
    const weights = initialWeights(model, 5).map((values, i) =>
      tf.tensor(values, [...model.parameters[i].shape]),
    );
    const to = join(folder, 'two');
    await saveLayersModel(model, weights, to);
    const { loadLayersModel } = await import('@tensorflow/tfjs-node');
    const loaded = await loadLayersModel(`file://${join(to, 'model.json')}`);
    const images = numbers(4 * 9);
    const theirs = loaded.predict(tf.tensor(images, [4, 3, 3, 1])) as tf.Tensor;
    const second = predict(model, weights, images).filter((_, i) => i % 2 === 1);
    expect(relativeError(theirs.dataSync(), second)).toBeLessThan(1e-6);
  });

  it('writes the weights as little-endian float32 in parameter order', async () => {
    const model = buildModel(strided, [15, 11, 3], { classes: 4 });
    const weights = initialWeights(model, 1);
    const to = join(folder, 'bytes');
    await saveLayersModel(model, weights, to);
    const bytes = await readFile(join(to, 'weights.bin'));
    expect(bytes.readFloatLE(0)).toBe(weights[0][0]);
    expect(bytes.readFloatLE(bytes.length - 4)).toBe(weights.at(-1)?.at(-1));
  });

  it('says what is wrong when it cannot write', async () => {
    const model = buildModel(strided, [15, 11, 3], { classes: 4 });
    const file = join(folder, 'strided', 'model.json');
    expect((await stat(file)).isFile()).toBe(true);
    await expect(saveLayersModel(model, initialWeights(model, 1), file)).rejects.toMatchObject({
      name: 'LockstepError',
      code: 'disk-failed',
    });
  });
});
