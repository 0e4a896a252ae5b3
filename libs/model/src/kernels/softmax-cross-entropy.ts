import * as tf from '@tensorflow/tfjs-core';

export interface SoftmaxCrossEntropy {
  /** Sum over the samples, in nats. */
  readonly lossSum: number;
  /** Samples whose largest logit is at their label. */
  readonly correctCount: number;
  /** d lossSum / d logits = softmax(logits) − one-hot(labels), [batch, classes] */
  readonly delta: tf.Tensor;
}

/**
 * Cross-entropy of softmax(logits), computed from the logits through log-sum-exp with the largest
 * logit taken out first, so that no logit overflows and no probability of 0 meets a logarithm.
 *
 * @param logits [batch, classes]
 * @param labels [batch]
 */
export function softmaxCrossEntropy(logits: tf.Tensor, labels: Int32Array): SoftmaxCrossEntropy {
  const classCount = logits.shape[1]!;
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const exponentials = tf.exp(shifted);
  const total = tf.sum(exponentials, 1, true); // [batch, 1]
  const probabilities = tf.div(exponentials, total);
  const truth = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classCount), 'float32');
  // −log softmax = log Σ exp(shifted) − shifted[label]
  const loss = tf.sub(tf.sum(tf.log(total)), tf.sum(tf.mul(shifted, truth)));
  return {
    lossSum: loss.dataSync()[0],
    correctCount: countCorrect(mostLikely(logits), labels),
    delta: tf.sub(probabilities, truth),
  };
}

/** The class of the largest logit of each sample, the first of equal ones: [batch] */
export function mostLikely(logits: tf.Tensor): Uint8Array {
  return Uint8Array.from(tf.argMax(logits, 1).dataSync());
}

/** Number of predictions that equal their label. */
export function countCorrect(predictions: Uint8Array, labels: Int32Array): number {
  return predictions.reduce((sum, prediction, i) => sum + (prediction === labels[i] ? 1 : 0), 0);
}
