import * as tf from '@tensorflow/tfjs-core';
import { itEqualsTheTape } from '../../spec-layers.js';
import { tanh } from './tanh.js';

itEqualsTheTape('tanh', {
  layer: tanh(),
  inputShape: [4, 5],
  outputShape: [4, 5],
  reference: tf.tanh,
});
