import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { itEqualsTheTape, computeLayer, layerOf } from '../../spec-layers.js';
import { globalMaxPool } from './global-max-pool.js';

itEqualsTheTape('globalMaxPool of an image', {
  layer: globalMaxPool(),
  inputShape: [4, 3, 5],
  outputShape: [5],
  reference: (x) => tf.max(x, [1, 2]),
});
itEqualsTheTape('globalMaxPool of a sequence', {
  layer: globalMaxPool(),
  inputShape: [6, 4],
  outputShape: [4],
  reference: (x) => tf.max(x, 1),
});

it('gives the gradient to the first of equal values', async () => {
  await tf.setBackend('tensorflow');
  const x = tf.tensor([[[1], [3], [3], [2]]]);
  const { gradients } = computeLayer(layerOf(globalMaxPool(), [4, 1]), x, [], tf.onesLike);
  expect([...gradients[0].dataSync()]).toEqual([0, 1, 0, 0]);
});
