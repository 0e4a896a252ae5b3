import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { viewGradient } from '@lockstep/core';
import { loadBackends, numbers, relativeError } from '../../../spec-backends.js';
import { classObjective } from '../../../spec-objective.js';
import type { Network } from '../network.js';
import type { BuildNetwork } from './build-network.js';
import { buildLayersModel } from './load-layers-model.js';
import type { TensorFlowLayers } from './tensorflow-layers.js';

const tf = { ...core, ...layers } as unknown as TensorFlowLayers;
const PLACE = { inputShape: [6], target: { classes: 3 } };
const COUNT = 5;

beforeAll(async () => {
  await loadBackends();
  await core.setBackend('tensorflow');
});

const build = (network: BuildNetwork) =>
  buildLayersModel(tf, { build: network }, PLACE, { where: 'net.ts', sourceSha256: 'none' });

/** Two layers, the second with the transposed weights of the first. */
const tied: BuildNetwork = ({ classes }) => ({
  parameters: {
    kernel: { shape: [6, 4], initializer: 'heNormal' },
    scale: { shape: [6], initializer: 'ones', trainable: false },
    head: { shape: [6, classes], initializer: tf.initializers.randomNormal({ stddev: 0.3 }) },
  },
  forward: ({ kernel, scale, head }, inputs) => {
    const hidden = tf.relu(tf.matMul(tf.mul(inputs, scale), kernel));
    const back = tf.matMul(hidden, kernel, false, true);
    return tf.matMul(back, head);
  },
});

async function gradientOf(network: Network) {
  const weights = network.initialWeights(3);
  const tensors = weights.map((each, i) => core.tensor(each, [...network.parameters[i].shape]));
  const request = {
    ...{ seed: 1, step: 1, firstSample: 0, keepProb: 1, clean: false },
    ...{ parameters: network.parameters, state: { weights: tensors, buffers: [] } },
    objective: classObjective(3),
    batch: {
      inputs: numbers(6 * COUNT, 2),
      targets: Int32Array.from({ length: COUNT }, (_, i) => i % 3),
    },
  };
  const { sections, totals } = await network.gradient(request);
  return { entries: viewGradient(sections, network.parameters, COUNT), totals, tensors, request };
}

it('a function of tensors has the gradients of tf.grads, and constant parameters stay out', async () => {
  const network = await build(tied);
  expect(network.parameters).toMatchObject([
    { name: 'function/kernel', shape: [6, 4] },
    { name: 'function/head', shape: [6, 3] },
  ]);
  const { entries, tensors, request } = await gradientOf(network);
  const labels = core.oneHot(core.tensor1d(request.batch.targets, 'int32'), 3);
  const x = core.tensor2d(request.batch.inputs, [COUNT, 6]);
  const loss = (kernel: core.Tensor, head: core.Tensor): core.Tensor => {
    const hidden = core.relu(core.matMul(x, kernel));
    const back = core.matMul(hidden, kernel, false, true);
    const logits = core.matMul(back, head);
    return core.sum(core.neg(core.mul(labels, core.logSoftmax(logits))));
  };
  const expected = core.grads(loss)(tensors);
  entries.forEach((entry, i) => {
    if (entry.kind !== 'dense') throw new TypeError('small parameters are dense');
    expect(relativeError(entry.values, expected[i].dataSync<'float32'>())).toBeLessThan(1e-5);
  });
});

it('its parameters and its text are its definition', async () => {
  const [one, again] = [await build(tied), await build(tied)];
  expect(again.definitionSha256).toBe(one.definitionSha256);
  const other = await build((context) => {
    const definition = tied(context) as Extract<ReturnType<BuildNetwork>, { parameters: object }>;
    const forward: typeof definition.forward = (weights, inputs) =>
      tf.mul(definition.forward(weights, inputs), 2);
    return { ...definition, forward };
  });
  expect(other.definitionSha256).not.toBe(one.definitionSha256);
});

it.each<[string, BuildNetwork, RegExp]>([
  [
    'another output',
    () => ({
      parameters: { w: { shape: [6, 4] } },
      forward: ({ w }, x) => tf.matMul(x, w),
    }),
    /layer function gives \[4\], but the data has 3 classes/,
  ],
  [
    'a shape of no numbers',
    () => ({ parameters: { w: { shape: [6, -1] } }, forward: (_weights, x) => x }),
    /net\.ts: parameters\.w\.shape\.1: /,
  ],
  [
    'shapes that do not fit',
    () => ({
      parameters: { w: { shape: [5, 3] } },
      forward: ({ w }, x) => tf.matMul(x, w),
    }),
    /net\.ts: .*(?:hapes|compatible|dimensions)/,
  ],
  [
    'an unused parameter',
    () => ({
      parameters: { w: { shape: [6, 3] }, idle: { shape: [2] } },
      forward: ({ w }, x) => tf.matMul(x, w),
    }),
    /the loss does not depend on function\/idle \[2\]/,
  ],
  [
    'random numbers of its own',
    () => ({
      parameters: { w: { shape: [6, 3] } },
      forward: ({ w }, x) => tf.matMul(tf.add(x, tf.randomNormal(x.shape)), w),
    }),
    /layer function \(FunctionOfTensors\) \[3\] gives other values/,
  ],
])('with %s it is refused', async (_what, network, message) => {
  await expect(build(network)).rejects.toMatchObject({
    code: 'model-invalid',
    message: expect.stringMatching(message) as string,
    remedy: expect.any(String) as string,
  });
});
