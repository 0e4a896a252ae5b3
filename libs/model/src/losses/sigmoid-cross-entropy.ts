import { classMisfit, classSettings, labelsIn, targetDistribution } from './class-settings.js';
import { defineLoss, sumOf } from './loss.js';

/**
 * Cross-entropy of two classes with one output x, the logit of class 1: softmax cross-entropy with the
 * logits (0, x). With the target distribution t = (t₀, t₁) of a sample it is
 * (t₀ + t₁) · (max(x, 0) + log(1 + exp(−|x|))) − t₁ · x, which overflows for no x
 * (TensorFlow, `tf.nn.sigmoid_cross_entropy_with_logits`); its delta is (t₀ + t₁) · σ(x) − t₁.
 */
export const sigmoidCrossEntropy = defineLoss({
  name: 'sigmoid-cross-entropy',
  description: 'cross-entropy of sigmoid(output), in nats; two classes, one output',
  schema: classSettings,
  misfit: (place, settings) => {
    const { target, outputs } = place;
    const misfit = classMisfit(place, settings);
    if (misfit !== undefined || !('classes' in target)) return misfit;
    if (target.classes !== 2) return `needs two classes, and the data has ${target.classes}`;
    return outputs === 1 ? undefined : `needs one output, and the network has ${outputs}`;
  },
  make: (tf, settings) => (outputs, targets) => {
    const truth = targetDistribution(tf, labelsIn(targets), 2, settings); // [n, 2]
    const mass = tf.sum(truth, 1, true); // [n, 1]
    const positive = tf.slice(truth, [0, 1], [-1, 1]); // [n, 1]
    const softplus = tf.add(tf.relu(outputs), tf.log1p(tf.exp(tf.neg(tf.abs(outputs)))));
    const losses = tf.sub(tf.mul(mass, softplus), tf.mul(positive, outputs));
    const delta = tf.sub(tf.mul(mass, tf.sigmoid(outputs)), positive);
    return { lossSum: sumOf(losses), delta };
  },
});
