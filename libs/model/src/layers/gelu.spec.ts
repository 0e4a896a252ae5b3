import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { itEqualsTheTape, computeLayer, layerOf } from '../../spec-layers.js';
import { gelu } from './gelu.js';

itEqualsTheTape('gelu', {
  layer: gelu(),
  inputShape: [20],
  outputShape: [20],
  reference: (x) => tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.div(x, Math.SQRT2))))),
});

it('has the values of its formula far from 0', async () => {
  await tf.setBackend('tensorflow');
  // x · Φ(x) of the normal distribution's tables
  const x = tf.tensor([[-10, -1, 0, 1, 10]]);
  const { output } = computeLayer(layerOf(gelu(), [5]), x, [], tf.onesLike);
  const expected = [0, -0.15865525, 0, 0.84134475, 10];
  output.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
});
