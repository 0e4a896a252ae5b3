import * as tf from '@tensorflow/tfjs-core';
import { itEqualsTheTape } from '../../spec-layers.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';

itEqualsTheTape('conv2d without bias', {
  layer: conv2d({ filters: 4, kernelSize: 3, stride: 2, bias: false }),
  inputShape: [7, 6, 2],
  outputShape: [4, 3, 4],
  reference: (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same'),
});

itEqualsTheTape('dense without bias', {
  layer: dense({ units: 4, bias: false }),
  inputShape: [6],
  outputShape: [4],
  reference: (x, weights) => tf.matMul(x, weights),
});
