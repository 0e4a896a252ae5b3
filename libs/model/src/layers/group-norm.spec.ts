import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { itEqualsTheTape, layerOf } from '../../spec-layers.js';
import { groupNorm } from './group-norm.js';

itEqualsTheTape('groupNorm', {
  layer: groupNorm({ groups: 2 }),
  inputShape: [4, 3, 6],
  outputShape: [4, 3, 6],
  reference: (x, gamma, beta) => {
    const grouped = tf.reshape(x, [-1, 4, 3, 2, 3]);
    const { mean, variance } = tf.moments(grouped, [1, 2, 4], true);
    const unit = tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 0.001)));
    return tf.add(tf.mul(tf.reshape(unit, x.shape), gamma), beta);
  },
});

it('needs groups of equal size', () => {
  expect(() => layerOf(groupNorm({ groups: 4 }), [3, 3, 6])).toThrow('6 channels');
});
