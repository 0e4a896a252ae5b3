import * as tf from '@tensorflow/tfjs-core';
import { itEqualsTheTape } from '../../spec-layers.js';
import { softmax } from './softmax.js';

itEqualsTheTape('softmax', {
  layer: softmax(),
  inputShape: [4, 5],
  outputShape: [4, 5],
  reference: (x) => tf.softmax(x),
});
