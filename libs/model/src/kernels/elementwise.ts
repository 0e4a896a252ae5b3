import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { isNative, runNative, type Attribute } from './native.js';

const ATTRIBUTES: readonly Attribute[] = [
  { name: 'T', type: 'float32' },
  { name: 'data_format', text: 'NHWC' },
];

/** x [batch, …, channels] + bias [channels] */
export function addBias(tf: TensorFlow, x: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return isNative(tf) ? runNative(tf, 'BiasAdd', ATTRIBUTES, [x, bias])[0] : tf.add(x, bias);
}

/** Sum of dy [batch, …, channels] over all axes but the last: [channels] */
export function biasGradient(tf: TensorFlow, dy: tf.Tensor): tf.Tensor {
  if (isNative(tf)) return runNative(tf, 'BiasAddGrad', ATTRIBUTES, [dy])[0];
  const axes = Array.from({ length: dy.rank - 1 }, (_, axis) => axis);
  return tf.sum(dy, axes);
}

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
