import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { needsClasses, type Metric } from './metric.js';

/** The share of samples whose most likely class is their label. */
export const accuracy: Metric = {
  name: 'accuracy',
  description: 'share of samples that are classified correctly',
  better: 'higher',
  format: 'percent',
  misfit: needsClasses,
  width: () => 1,
  sums: (tf, outputs, labels) => [countCorrect(mostLikely(tf, outputs), labels)],
  finish: ([correct = 0], count) => correct / count,
};

/**
 * The class of the largest output of each sample, the first of equal ones; with one output, class 1
 * where it is above 0.
 *
 * @param outputs [n, outputs]
 * @returns [n]
 */
export function mostLikely(tf: TensorFlow, outputs: Tensor): Uint16Array {
  if (outputs.shape[1] === 1) {
    return Uint16Array.from(outputs.dataSync(), (output) => (output > 0 ? 1 : 0));
  }
  return Uint16Array.from(tf.argMax(outputs, 1).dataSync());
}

/** Number of predictions that equal their label. */
export function countCorrect(predictions: Uint16Array, labels: ArrayLike<number>): number {
  return predictions.reduce((sum, prediction, i) => sum + (prediction === labels[i] ? 1 : 0), 0);
}
