import * as tf from '@tensorflow/tfjs-core';
import { lossFunction } from '../losses/registry.js';
import { countCorrect, mostLikely } from '../metrics/accuracy.js';
import type { Model } from './model.js';
import { imageTensor, inferLogits, type Batch } from './run-network.js';

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
    const logits = inferLogits(model, weights, imageTensor(model, batch.images));
    return { ...evaluateLogits(logits, batch.labels) };
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
 * @param images [count, height, width, channels], in [0, 1]
 * @returns [count, classes], each row summing to 1
 */
export function predict(
  model: Model,
  weights: readonly tf.Tensor[],
  images: Float32Array,
): Float32Array {
  return tf.tidy(() => {
    const logits = inferLogits(model, weights, imageTensor(model, images));
    return tf.softmax(logits as tf.Tensor2D).dataSync<'float32'>();
  });
}
