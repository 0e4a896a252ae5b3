import * as tf from '@tensorflow/tfjs-core';
import { itEqualsTheTape } from '../../spec-layers.js';
import { leakyRelu } from './leaky-relu.js';

itEqualsTheTape('leakyRelu', {
  layer: leakyRelu({ slope: 0.25 }),
  inputShape: [20],
  outputShape: [20],
  reference: (x) => tf.leakyRelu(x, 0.25),
});
