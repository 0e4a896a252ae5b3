import type { Target } from '@lockstep/core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';

/**
 * A network's predictions: the probability of each class, or the values of a regression.
 *
 * @param outputs [n, outputs]
 * @returns [n, classes], each row summing to 1; or [n, values]
 */
export function predictionsOf(tf: TensorFlow, outputs: Tensor, target: Target): Tensor {
  return 'values' in target ? outputs : probabilitiesOf(tf, outputs);
}

/**
 * The probability of each class.
 *
 * @param outputs [n, classes], or [n, 1]: the logit of the second of two classes
 * @returns [n, classes], each row summing to 1
 */
export function probabilitiesOf(tf: TensorFlow, outputs: Tensor): Tensor {
  if (outputs.shape[1] !== 1) return tf.softmax(outputs as Tensor2D);
  const second = tf.sigmoid(outputs);
  return tf.concat([tf.sub(1, second), second], 1);
}
