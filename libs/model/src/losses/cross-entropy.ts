import { z } from 'zod';
import type { TensorFlow } from '../tensorflow.js';
import type { Loss, LossFunction } from './loss.js';

const schema = z.strictObject({});

/** Softmax cross-entropy in nats, for classification. */
export const crossEntropy: Loss<typeof schema> = {
  name: 'cross-entropy',
  description: 'cross-entropy of softmax(logits), in nats',
  schema,
  make: softmaxCrossEntropy,
};

/**
 * Cross-entropy of softmax(logits), computed from the logits through log-sum-exp with the largest
 * logit taken out first, so that no logit overflows and no probability of 0 meets a logarithm. Its
 * delta is softmax(logits) − one-hot(labels).
 */
function softmaxCrossEntropy(tf: TensorFlow): LossFunction {
  return (logits, labels) => {
    const classCount = logits.shape[1]!;
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    const exponentials = tf.exp(shifted);
    const total = tf.sum(exponentials, 1, true); // [batch, 1]
    const probabilities = tf.div(exponentials, total);
    const truth = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classCount), 'float32');
    // −log softmax = log Σ exp(shifted) − shifted[label]
    const loss = tf.sub(tf.sum(tf.log(total)), tf.sum(tf.mul(shifted, truth)));
    return { lossSum: loss.dataSync()[0], delta: tf.sub(probabilities, truth) };
  };
}
