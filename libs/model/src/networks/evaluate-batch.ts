import * as tf from '@tensorflow/tfjs-core';
import { mostLikely } from '../metrics/accuracy.js';
import { predictionsOf, probabilitiesOf } from '../metrics/predictions.js';
import type { Objective } from '../objective/objective.js';
import type { Targets } from '../losses/loss.js';
import type { Model } from './model.js';
import { inferLogits, inputTensor, inTidy, type Batch } from './run-network.js';

export interface BatchEvaluation {
  /** As in `ShardTotals`. */
  readonly metricSums: readonly number[];
  readonly lossSum: number;
  /** [count], the most likely class of each sample; empty for a regression */
  readonly predictions: Uint16Array;
  /** [count], the probability of that class; empty for a regression */
  readonly confidences: Float32Array;
}

/**
 * Compares the outputs for samples with their targets, without dropout.
 *
 * @param weights one tensor per parameter, then one per buffer
 */
export function evaluateBatch(
  model: Model,
  weights: readonly tf.Tensor[],
  batch: Batch,
  objective: Objective,
): BatchEvaluation {
  return inTidy(() => {
    const outputs = inferLogits(model, weights, inputTensor(model, batch.inputs));
    return evaluateOutputs(outputs, batch.targets, objective);
  });
}

/** Compares outputs [n, outputs] with their targets; runs inside `tf.tidy`. */
export function evaluateOutputs(
  outputs: tf.Tensor,
  targets: Targets,
  objective: Objective,
): BatchEvaluation {
  const { lossSum } = objective.loss(outputs, targets);
  const metricSums = objective.metricSums(outputs, targets);
  if (!(targets instanceof Int32Array)) {
    const none = { predictions: new Uint16Array(0), confidences: new Float32Array(0) };
    return { metricSums, lossSum, ...none };
  }
  const predictions = mostLikely(tf, outputs);
  const confidences = tf.max(probabilitiesOf(tf, outputs), 1).dataSync<'float32'>();
  return { metricSums, lossSum, predictions, confidences };
}

/**
 * The probability of each class, or the values of a regression.
 *
 * @param inputs [count, …inputShape]
 * @returns as `predictionsOf`
 */
export function predict(
  model: Model,
  weights: readonly tf.Tensor[],
  inputs: Float32Array,
): Float32Array {
  return tf.tidy(() => {
    const outputs = inferLogits(model, weights, inputTensor(model, inputs));
    return predictionsOf(tf, outputs, model.target).dataSync<'float32'>();
  });
}
