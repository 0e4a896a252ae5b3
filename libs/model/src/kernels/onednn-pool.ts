import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import type { Pooled } from './first-maximum.js';
import { isNative, poolAttributes, runNative, type Attribute } from './native.js';
import type { PoolWindow } from './padding.js';

/**
 * Max-pooling by oneDNN's primitives, which remember the place of each maximum in a byte. TensorFlow
 * takes them only when it rewrites a graph; asked for by name they work here too, ten times faster
 * than what is made of other kernels. Of equal values the first in row-major order counts, as in
 * TensorFlow's own kernel.
 *
 * @param x [batch, h, w, c]
 */
export function oneDnnPool(tf: TensorFlow, x: tf.Tensor, window: PoolWindow): Pooled {
  const attributes: Attribute[] = [
    ...poolAttributes(window),
    { name: 'data_format', text: 'NHWC' },
    { name: 'workspace_enabled', flag: true },
    // The label under which TensorFlow registers kernels for its rewriter only.
    { name: '_kernel', text: 'MklNameChangeOp' },
  ];
  const [output, places] = runNative(tf, '_MklNativeMaxPool', attributes, [x], 2);
  return {
    output,
    gradient: (dy) =>
      runNative(tf, '_MklNativeMaxPoolGrad', attributes, [x, output, dy, places])[0],
  };
}

let isThere: boolean | undefined;

/** Whether the TensorFlow in use was built with oneDNN: it is tried once. */
export function hasOneDnnPool(tf: TensorFlow): boolean {
  if (!isNative(tf)) return false;
  return (isThere ??= works(tf));
}

function works(tf: TensorFlow): boolean {
  try {
    const window = { size: 2, stride: 2, padding: 'valid' } as const;
    const first = tf.tidy(() => {
      const { gradient } = oneDnnPool(tf, tf.ones([1, 2, 2, 1]), window);
      return gradient(tf.ones([1, 1, 1, 1]));
    });
    const values = [...first.dataSync()];
    first.dispose();
    return values.join() === '1,0,0,0';
  } catch {
    return false;
  }
}
