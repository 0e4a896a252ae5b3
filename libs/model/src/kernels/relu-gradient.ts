import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { isNative, runNative } from './native.js';

/**
 * dy where x > 0, else 0: one kernel instead of tfjs's compare, cast and multiply.
 *
 * @param dy d loss / d relu(x)
 * @param x ReLU's input, or its output, which is positive at the same places
 */
export function reluGradient(tf: TensorFlow, dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  if (!isNative(tf)) return tf.mul(dy, tf.step(x));
  return runNative(tf, 'ReluGrad', [{ name: 'T', type: 'float32' }], [dy, x])[0];
}
