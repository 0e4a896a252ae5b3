import * as tf from '@tensorflow/tfjs-core';
import { itEqualsTheTape } from '../../spec-layers.js';
import { globalAveragePool } from './global-average-pool.js';

itEqualsTheTape('globalAveragePool of an image', {
  layer: globalAveragePool(),
  inputShape: [4, 3, 5],
  outputShape: [5],
  reference: (x) => tf.mean(x, [1, 2]),
});
itEqualsTheTape('globalAveragePool of a sequence', {
  layer: globalAveragePool(),
  inputShape: [6, 4],
  outputShape: [4],
  reference: (x) => tf.mean(x, 1),
});
