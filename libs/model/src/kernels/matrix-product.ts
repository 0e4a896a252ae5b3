import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { isNative, runNative, type Attribute } from './native.js';

/**
 * x [batch, in] · weights [in, out] → [batch, out]. Native TensorFlow multiplies two matrices a fifth
 * faster by MatMul than by the BatchMatMulV2 that tfjs always takes; with either of them transposed
 * it is the other way round.
 */
export function multiply(tf: TensorFlow, x: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return isNative(tf) ? runNative(tf, 'MatMul', PLAIN, [x, weights])[0] : tf.matMul(x, weights);
}

const PLAIN: readonly Attribute[] = [
  { name: 'T', type: 'float32' },
  { name: 'transpose_a', flag: false },
  { name: 'transpose_b', flag: false },
];

/** d loss / d x = dy [batch, out] · weightsᵀ → [batch, in] */
export function inputGradient(tf: TensorFlow, dy: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.matMul(dy, weights, false, true);
}

/** d loss / d weights = inputsᵀ [in, batch] · deltas [batch, out] → [in, out] */
export function weightGradient(tf: TensorFlow, inputs: tf.Tensor, deltas: tf.Tensor): tf.Tensor {
  return tf.matMul(inputs, deltas, true);
}
