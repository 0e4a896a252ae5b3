import * as tf from '@tensorflow/tfjs-core';

/** x [batch, in] · weights [in, out] → [batch, out] */
export function multiply(x: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.matMul(x, weights);
}

/** d loss / d x = dy [batch, out] · weightsᵀ → [batch, in] */
export function inputGradient(dy: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.matMul(dy, weights, false, true);
}

/** d loss / d weights = inputsᵀ [in, batch] · deltas [batch, out] → [in, out] */
export function weightGradient(inputs: tf.Tensor, deltas: tf.Tensor): tf.Tensor {
  return tf.matMul(inputs, deltas, true);
}
