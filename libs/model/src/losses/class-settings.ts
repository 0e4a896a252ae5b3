import type { Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { TensorFlow } from '../tensorflow.js';
import type { LossPlace } from './loss.js';

/** Settings of every loss over classes. */
export const classSettings = z.object({
  labelSmoothing: z
    .number('must be a number from 0 and below 1')
    .min(0, 'must be at least 0')
    .lt(1, 'must be below 1')
    .default(0)
    .describe('share of each label that is spread evenly over all classes; 0 for none'),
  classWeights: z
    .array(z.number('must be numbers').nonnegative('must be at least 0'), 'must be numbers')
    .exactOptional()
    .describe('weight of each class in the loss, in the order of the labels'),
});

export type ClassSettings = z.infer<typeof classSettings>;

/** What is wrong with the targets or the weights of a loss over classes; undefined if nothing is. */
export function classMisfit(
  { target }: LossPlace,
  { classWeights }: ClassSettings,
): string | undefined {
  if (!('classes' in target)) return 'needs class labels, and the data has values';
  if (classWeights === undefined || classWeights.length === target.classes) return undefined;
  return `has ${classWeights.length} class weights, and the data has ${target.classes} classes`;
}

/**
 * The weighted target distribution of each sample, [n, classes]: w_c · ((1 − ε) · [c = label] + ε / classes)
 * with label smoothing ε (Szegedy et al., arXiv:1512.00567, section 7) and class weights w, as PyTorch's
 * `CrossEntropyLoss` combines them. Without both it is one-hot, and each row's sum is 1.
 */
export function targetDistribution(
  tf: TensorFlow,
  labels: Int32Array,
  classCount: number,
  { labelSmoothing, classWeights }: ClassSettings,
): Tensor {
  let truth: Tensor = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classCount), 'float32');
  if (labelSmoothing > 0) {
    truth = tf.add(tf.mul(truth, 1 - labelSmoothing), labelSmoothing / classCount);
  }
  return classWeights === undefined ? truth : tf.mul(truth, tf.tensor1d([...classWeights]));
}

/** Labels, where the targets are classes. */
export function labelsIn(targets: Int32Array | Float32Array): Int32Array {
  if (targets instanceof Int32Array) return targets;
  throw new TypeError('this loss needs class labels');
}
