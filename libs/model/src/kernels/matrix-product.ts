import * as tf from '@tensorflow/tfjs-core';
import { isNative } from './native.js';

/** x [batch, in] · weights [in, out] → [batch, out] */
export function multiply(x: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.matMul(x, weights);
}

/**
 * d loss / d x = dy [batch, out] · weightsᵀ → [batch, in]. Native TensorFlow multiplies a few rows by
 * a large transposed matrix five times slower than the large matrix by the few rows transposed.
 */
export function inputGradient(dy: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  const [d, w] = [dy as tf.Tensor2D, weights as tf.Tensor2D];
  return isNative() ? tf.transpose(tf.matMul(w, d, false, true)) : tf.matMul(d, w, false, true);
}

/** d loss / d weights = inputsᵀ [in, batch] · deltas [batch, out] → [in, out] */
export function weightGradient(inputs: tf.Tensor, deltas: tf.Tensor): tf.Tensor {
  return tf.matMul(inputs, deltas, true);
}
