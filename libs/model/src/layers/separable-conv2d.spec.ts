import * as tf from '@tensorflow/tfjs-core';
import { itEqualsTheTape } from '../../spec-layers.js';
import { separableConv2d } from './separable-conv2d.js';

itEqualsTheTape('separableConv2d', {
  layer: separableConv2d({ filters: 4, kernelSize: 3, multiplier: 2 }),
  inputShape: [6, 5, 3],
  outputShape: [6, 5, 4],
  reference: (x, ...weights) => {
    const [depthwise, pointwise, bias] = weights as tf.Tensor4D[];
    return tf.add(tf.separableConv2d(x as tf.Tensor4D, depthwise, pointwise, 1, 'same'), bias);
  },
});
