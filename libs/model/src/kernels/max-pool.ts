import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { addAtFirstMaximum, type Pooled } from './first-maximum.js';
import { isNative, poolAttributes, runNative, type Attribute } from './native.js';
import { hasOneDnnPool, oneDnnPool } from './onednn-pool.js';
import type { PoolWindow } from './padding.js';
import { tiles, tilingPool } from './tiling-pool.js';

/** The largest value of each window: [batch, h, w, c] → [batch, h', w', c] */
export function maxPool(
  tf: TensorFlow,
  x: tf.Tensor,
  { size, stride, padding }: PoolWindow,
): tf.Tensor {
  return tf.maxPool(x as tf.Tensor4D, size, stride, padding);
}

/**
 * `maxPool`, prepared for its gradient; of equal values all ways prefer the first. Where windows do
 * not overlap every value of the gradient is one of dy's or 0, whichever way is taken; overlapping
 * ones are summed in the order of TensorFlow's own kernels.
 */
export function maxPoolForGradient(tf: TensorFlow, x: tf.Tensor, window: PoolWindow): Pooled {
  if (window.stride >= window.size && hasOneDnnPool(tf)) return oneDnnPool(tf, x, window);
  if (tiles(x, window)) return tilingPool(tf, x, window.size);
  return isNative(tf) ? rememberingPool(tf, x, window) : searchingPool(tf, x, window);
}

/** Faster than MaxPool and MaxPoolGrad, which looks for the maximum again. */
function rememberingPool(tf: TensorFlow, x: tf.Tensor, window: PoolWindow): Pooled {
  const attributes: Attribute[] = [...poolAttributes(window), { name: 'Targmax', type: 'int64' }];
  const [output, indices] = runNative(tf, 'MaxPoolWithArgmax', attributes, [x], 2);
  return {
    output: output,
    gradient: (dy) => runNative(tf, 'MaxPoolGradWithArgmax', attributes, [x, dy, indices])[0],
  };
}

function searchingPool(tf: TensorFlow, x: tf.Tensor, window: PoolWindow): Pooled {
  const shape = x.shape as [number, number, number, number];
  return {
    output: maxPool(tf, x, window),
    gradient: (dy) =>
      tf.tensor(addAtFirstMaximum(x.dataSync(), shape, dy.dataSync(), window), x.shape),
  };
}
