import { z } from 'zod';
import { defineOptimizer } from './optimizer.js';
import { epsilon, learningRate, weightDecay } from './settings.js';

/**
 * Adagrad (Duchi, Hazan and Singer, JMLR 12, 2011, diagonal form), as PyTorch has it:
 * s ← s + g²; w ← w − lr · g / (√s + ε).
 */
export const adagrad = defineOptimizer({
  name: 'adagrad',
  description: 'Adagrad',
  schema: z.object({ learningRate, epsilon, weightDecay }),
  slots: () => ['squareSum'],
  make: (tf, { epsilon, weightDecay }) => ({
    l2: weightDecay,
    update: ({ weight, slots }, gradient, { rate }) => {
      const squareSum = tf.add(slots['squareSum'], tf.square(gradient));
      const step = tf.div(tf.mul(gradient, rate), tf.add(tf.sqrt(squareSum), epsilon));
      return { weight: tf.sub(weight, step), slots: { squareSum } };
    },
  }),
});
