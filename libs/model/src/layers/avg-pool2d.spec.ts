import * as tf from '@tensorflow/tfjs-core';
import { itEqualsTheTape } from '../../spec-layers.js';
import { avgPool2d } from './avg-pool2d.js';

for (const padding of ['same', 'valid'] as const) {
  itEqualsTheTape(`avgPool2d, ${padding}, overlapping`, {
    layer: avgPool2d(3, { stride: 2, padding }),
    inputShape: [8, 7, 3],
    outputShape: padding === 'same' ? [4, 4, 3] : [3, 3, 3],
    reference: (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, padding),
  });
}
