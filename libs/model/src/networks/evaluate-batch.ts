import * as tf from '@tensorflow/tfjs-core';
import { lossFunction } from '../losses/registry.js';
import { countCorrect, mostLikely } from '../metrics/accuracy.js';
import type { Model } from './model.js';
import { inferLogits, inputTensor, labelsOf, type Batch } from './run-network.js';

export interface BatchEvaluation {
  readonly correct: number;
  /** Sum of the cross-entropy, in nats. */
  readonly lossSum: number;
  /** [count], the most likely class of each sample */
  readonly predictions: Uint8Array;
  /** [count], the probability of that class */
  readonly confidences: Float32Array;
}

/** Classifies labelled samples, without dropout. */
export function evaluateBatch(
  model: Model,
  weights: readonly tf.Tensor[],
  batch: Batch,
): BatchEvaluation {
  return tf.tidy(() => {
    const logits = inferLogits(model, weights, inputTensor(model, batch.inputs));
    return { ...evaluateLogits(logits, labelsOf(batch)) };
  });
}

/** Compares logits with the labels; runs inside `tf.tidy`. */
export function evaluateLogits(logits: tf.Tensor, labels: Int32Array): BatchEvaluation {
  const predictions = mostLikely(tf, logits);
  const { lossSum } = lossFunction(tf)(logits, labels);
  const correct = countCorrect(predictions, labels);
  const confidences = tf.max(tf.softmax(logits as tf.Tensor2D), 1).dataSync<'float32'>();
  return { correct, lossSum, predictions, confidences };
}

/**
 * The probability of each class.
 *
 * @param inputs [count, …inputShape]
 * @returns [count, classes], each row summing to 1
 */
export function predict(
  model: Model,
  weights: readonly tf.Tensor[],
  inputs: Float32Array,
): Float32Array {
  return tf.tidy(() => {
    const logits = inferLogits(model, weights, inputTensor(model, inputs));
    return tf.softmax(logits as tf.Tensor2D).dataSync<'float32'>();
  });
}
