import { classMisfit, classSettings, labelsIn, targetDistribution } from './class-settings.js';
import { defineLoss, sumOf } from './loss.js';

/**
 * Softmax cross-entropy in nats: −Σ_c t_c · log softmax(outputs)_c, where t is the target distribution.
 * It is computed through log-sum-exp with the largest logit taken out first, so that no logit
 * overflows and no probability of 0 meets a logarithm. Its delta is softmax(outputs) · Σ_c t_c − t
 * (Goodfellow et al., Deep Learning, section 6.2.2.3).
 */
export const crossEntropy = defineLoss({
  name: 'cross-entropy',
  description: 'cross-entropy of softmax(outputs), in nats; one output for each class',
  schema: classSettings,
  misfit: (place, settings) => {
    const { target, outputs } = place;
    const misfit = classMisfit(place, settings);
    if (misfit !== undefined || !('classes' in target)) return misfit;
    return target.classes === outputs
      ? undefined
      : `needs ${target.classes} outputs, one for each class, and the network has ${outputs}`;
  },
  make: (tf, settings) => (outputs, targets) => {
    const truth = targetDistribution(tf, labelsIn(targets), outputs.shape[1]!, settings);
    const shifted = tf.sub(outputs, tf.max(outputs, 1, true));
    const exponentials = tf.exp(shifted);
    const total = tf.sum(exponentials, 1, true); // [n, 1]
    const probabilities = tf.div(exponentials, total);
    const mass = tf.sum(truth, 1, true); // [n, 1], 1 without smoothing and weights
    // −log softmax = log Σ exp(shifted) − shifted
    const losses = tf.sub(tf.mul(mass, tf.log(total)), tf.sum(tf.mul(shifted, truth), 1, true));
    return { lossSum: sumOf(losses), delta: tf.sub(tf.mul(probabilities, mass), truth) };
  },
});
