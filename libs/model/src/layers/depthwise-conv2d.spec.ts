import * as tf from '@tensorflow/tfjs-core';
import { itEqualsTheTape } from '../../spec-layers.js';
import { depthwiseConv2d } from './depthwise-conv2d.js';

for (const padding of ['same', 'valid'] as const) {
  itEqualsTheTape(`depthwiseConv2d, ${padding}`, {
    layer: depthwiseConv2d({ kernelSize: 3, multiplier: 2, stride: 2, padding }),
    inputShape: [8, 7, 3],
    outputShape: padding === 'same' ? [4, 4, 6] : [3, 3, 6],
    reference: (x, filter, bias) =>
      tf.add(tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, padding), bias),
  });
}
itEqualsTheTape('depthwiseConv2d without bias', {
  layer: depthwiseConv2d({ kernelSize: 2, bias: false }),
  inputShape: [5, 5, 2],
  outputShape: [5, 5, 2],
  reference: (x, filter) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'),
});
