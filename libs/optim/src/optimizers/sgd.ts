import { z } from 'zod';
import { fusedSgd, hasFusedKernels } from './fused-sgd.js';
import { defineOptimizer, type TensorFlow, type UpdateRule } from './optimizer.js';
import { learningRate, momentum, weightDecay } from './settings.js';

/**
 * Stochastic gradient descent: w ← w − lr · g, or with momentum (Polyak's, in the form of Sutskever
 * et al., ICML 2013, eq. 1–2, with the learning rate outside)
 * v ← momentum · v + g; w ← w − lr · v.
 */
export const sgd = defineOptimizer({
  name: 'sgd',
  description: 'stochastic gradient descent with momentum',
  schema: z.object({ learningRate, momentum, weightDecay }),
  slots: ({ momentum }) => (momentum === 0 ? [] : ['velocity']),
  make: (tf, { momentum, weightDecay }) => ({
    ...(hasFusedKernels(tf) ? fusedSgd(tf, momentum) : inSteps(tf, momentum)),
    l2: weightDecay,
  }),
});

/** By tfjs's own operations, for backends without TensorFlow's fused kernels. */
function inSteps(tf: TensorFlow, momentum: number): UpdateRule {
  return {
    update: ({ weight, slots }, gradient, { rate }) => {
      if (momentum === 0) return { weight: tf.sub(weight, tf.mul(gradient, rate)), slots };
      const velocity = tf.add(tf.mul(slots['velocity'], momentum), gradient);
      return { weight: tf.sub(weight, tf.mul(velocity, rate)), slots: { velocity } };
    },
  };
}
