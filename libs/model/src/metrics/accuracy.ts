import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';

/** The class of the largest logit of each sample, the first of equal ones: [batch] */
export function mostLikely(tf: TensorFlow, logits: Tensor): Uint8Array {
  return Uint8Array.from(tf.argMax(logits, 1).dataSync());
}

/** Number of predictions that equal their label. */
export function countCorrect(predictions: Uint8Array, labels: Int32Array): number {
  return predictions.reduce((sum, prediction, i) => sum + (prediction === labels[i] ? 1 : 0), 0);
}
