import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { itEqualsTheTape, computeLayer, layerOf } from '../../spec-layers.js';
import { embedding } from './embedding.js';

const tokens = [
  [3, 1, 3, 0],
  [2, 3, 1, 1],
];

itEqualsTheTape('embedding', {
  layer: embedding({ vocabulary: 5, units: 3 }),
  inputShape: [4],
  outputShape: [4, 3],
  input: () => tf.tensor(tokens),
  noInputGradient: true,
  reference: (x, vectors) => tf.gather(vectors, tf.cast(x, 'int32')),
});

it.each([5, -1, 0.5, NaN])('refuses %d as a token', async (wrong) => {
  await tf.setBackend('tensorflow');
  const layer = layerOf(embedding({ vocabulary: 5, units: 3 }), [2]);
  const compute = (): unknown =>
    computeLayer(layer, tf.tensor([[0, wrong]]), [tf.zeros([5, 3])], tf.onesLike);
  expect(compute).toThrow(`layer layer: its input has the value ${wrong}, but tokens are 0 to 4`);
});
