import { LockstepError, viewGradient } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, loadBackends, numbers, relativeError } from '../../spec-backends.js';
import { classObjective } from '../../spec-objective.js';
import { buildModel } from '../networks/build-model.js';
import { computeGradient } from '../networks/compute-gradient.js';
import { initialWeights } from '../networks/initial-weights.js';
import { parametersFor } from '../networks/model.js';
import { add, branch, concatenate, conv2d, dense, flatten, maxPool2d, relu } from '../user-api.js';

const layers = [
  ...[conv2d({ filters: 4, kernelSize: 3 }), relu({ name: 'start' })],
  ...[conv2d({ filters: 6, kernelSize: 3, stride: 2, name: 'main' }), branch({ from: 'start' })],
  ...[conv2d({ filters: 6, kernelSize: 1, stride: 2 }), add({ with: 'main', name: 'sum' })],
  // the pooling stays behind this ReLU, whose output is used again
  ...[relu({ name: 'positive' }), maxPool2d(1), concatenate({ with: 'positive' })],
  ...[concatenate({ with: 'sum' }), flatten(), dense({ units: 'classes' })],
];
const model = buildModel({ name: 'residual', layers }, [6, 6, 2], { classes: 3 }, 'it', 'he');
const weights = initialWeights(model, 3);
const batch = { inputs: numbers(4 * 72), targets: Int32Array.of(0, 1, 2, 1) };

/** The same network on the tape. */
function loss(...w: tf.Tensor[]): tf.Scalar {
  const convolve = (x: tf.Tensor, first: number, stride: number): tf.Tensor =>
    tf.add(tf.conv2d(x as tf.Tensor4D, w[first] as tf.Tensor4D, stride, 'same'), w[first + 1]);
  const start = tf.relu(convolve(tf.tensor4d(batch.inputs, [4, 6, 6, 2]), 0, 1));
  const sum = tf.add(convolve(start, 4, 2), convolve(start, 2, 2));
  const positive = tf.relu(sum);
  const all = tf.reshape(tf.concat([positive, positive, sum], 3), [4, -1]);
  const logits = tf.add(tf.matMul(all as tf.Tensor2D, w[6] as tf.Tensor2D), w[7]);
  const truth = tf.oneHot(tf.tensor1d(batch.targets, 'int32'), 3);
  return tf.sum(tf.mul(tf.neg(tf.cast(truth, 'float32')), tf.logSoftmax(logits)));
}

beforeAll(loadBackends);

describe('layers that take the output of an earlier layer', () => {
  it.each(BACKENDS)('have the gradients of the tape on %s', async (backend) => {
    const tensors = (): tf.Tensor[] =>
      weights.map((values, i) => tf.tensor(values, [...model.parameters[i].shape]));
    await tf.setBackend('tensorflow');
    const expected = tf
      .grads(loss)(tensors())
      .map((each) => each.dataSync<'float32'>());
    await tf.setBackend(backend);
    const parameters = parametersFor(model, { batch: 1000, shardSize: 1000 });
    const key = { seed: 1, step: 1, firstSample: 0, keepProb: 1, clean: false };
    const { outputShape: [outputs] = [] } = model.layers.at(-1) ?? {};
    const request = { ...key, objective: classObjective(outputs) };
    const compute = (): Float32Array[] => {
      const { sections } = computeGradient(model, parameters, tensors(), batch, request);
      const entries = viewGradient(sections, parameters, 4);
      return entries.map((entry) => (entry.kind === 'dense' ? entry.values : new Float32Array()));
    };
    const own = compute();
    own.forEach((values, i) => expect(relativeError(values, expected[i])).toBeLessThan(1e-5));
    expect(compute()).toEqual(own);
  });

  it.each([
    [
      [add({ with: 'later' })],
      'no layer before it is called later; the names are: conv1, flatten1',
    ],
    [[add({ with: 'conv1' })], 'it adds [2, 2, 3], the output of conv1, to [12]'],
    [[concatenate({ with: 'conv1' })], 'it appends [2, 2, 3], the output of conv1, to [12]'],
    [[branch({ from: 'conv1' }), flatten()], 'the output of layer flatten1 is not used'],
  ])('refuses %j', (rest, message) => {
    const start = [conv2d({ filters: 3, kernelSize: 1 }), flatten()];
    const build = (): unknown =>
      buildModel({ name: 'x', layers: [...start, ...rest] }, [2, 2, 1], { classes: 12 }, 'x.mjs');
    expect(build).toThrow(LockstepError);
    expect(build).toThrow(message);
  });
});
