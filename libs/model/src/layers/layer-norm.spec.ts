import * as tf from '@tensorflow/tfjs-core';
import { itEqualsTheTape } from '../../spec-layers.js';
import { layerNorm } from './layer-norm.js';

itEqualsTheTape('layerNorm', {
  layer: layerNorm(),
  inputShape: [4, 3, 6],
  outputShape: [4, 3, 6],
  reference: (x, gamma, beta) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const unit = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.001)));
    return tf.add(tf.mul(unit, gamma), beta);
  },
});
