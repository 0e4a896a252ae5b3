import { z } from 'zod';
import { defineOptimizer } from './optimizer.js';
import { learningRate, momentum, weightDecay } from './settings.js';

/**
 * SGD with Nesterov momentum (Sutskever et al., ICML 2013, in the form that PyTorch's
 * `nesterov=True` has): v ← momentum · v + g; w ← w − lr · (g + momentum · v).
 */
export const nesterov = defineOptimizer({
  name: 'nesterov',
  description: 'stochastic gradient descent with Nesterov momentum',
  schema: z.object({ learningRate, momentum, weightDecay }),
  slots: () => ['velocity'],
  make: (tf, { momentum, weightDecay }) => ({
    l2: weightDecay,
    update: ({ weight, slots }, gradient, { rate }) => {
      const velocity = tf.add(tf.mul(slots['velocity'], momentum), gradient);
      const step = tf.add(gradient, tf.mul(velocity, momentum));
      return { weight: tf.sub(weight, tf.mul(step, rate)), slots: { velocity } };
    },
  }),
});
