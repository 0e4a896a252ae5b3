import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { isNative } from './native.js';
import type { PoolWindow } from './padding.js';

/** The mean of each window, padded places left out: [batch, h, w, c] → [batch, h', w', c] */
export function averagePool(
  tf: TensorFlow,
  x: tf.Tensor,
  { size, stride, padding }: PoolWindow,
): tf.Tensor {
  return tf.avgPool(x as tf.Tensor4D, size, stride, padding);
}

/**
 * d loss / d x of `averagePool`. The kernel of wasm divides by the whole window, padding included, so dy is scaled
 * up there where a window is padded.
 */
export function averagePoolGradient(
  tf: TensorFlow,
  dy: tf.Tensor,
  x: tf.Tensor,
  { size, stride, padding: pad }: PoolWindow,
): tf.Tensor {
  const attributes = { filterSize: [size, size], strides: [stride, stride], pad };
  const scaled = isNative(tf) || pad === 'valid' ? dy : tf.mul(dy, paddingScale());
  return tf.engine().runKernel(tf.AvgPoolGrad, { dy: scaled, input: x }, attributes);

  /** Places of a window divided by those inside the image: [1, h', w', 1] */
  function paddingScale(): tf.Tensor {
    const [, height = 1, width = 1] = x.shape;
    const inside = tf.conv2d(
      tf.ones<tf.Rank.R4>([1, height, width, 1]),
      tf.ones<tf.Rank.R4>([size, size, 1, 1]),
      stride,
      pad,
    );
    return tf.div(size * size, inside);
  }
}
