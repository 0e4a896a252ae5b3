import * as tf from '@tensorflow/tfjs-core';
import { itEqualsTheTape } from '../../spec-layers.js';
import { sigmoid } from './sigmoid.js';

itEqualsTheTape('sigmoid', {
  layer: sigmoid(),
  inputShape: [20],
  outputShape: [20],
  reference: tf.sigmoid,
});
