import { z } from 'zod';
import { defineOptimizer } from './optimizer.js';
import { adaptiveLearningRate, epsilon, share, weightDecay } from './settings.js';

const decay = share.default(0.99).describe('share of the mean square that is kept in each step');

/**
 * RMSprop (Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012), in the form
 * that PyTorch has: s ← decay·s + (1−decay)·g²; w ← w − lr · g / (√s + ε).
 */
export const rmsprop = defineOptimizer({
  name: 'rmsprop',
  description: 'RMSprop',
  schema: z.object({ learningRate: adaptiveLearningRate, decay, epsilon, weightDecay }),
  slots: () => ['meanSquare'],
  make: (tf, { decay, epsilon, weightDecay }) => ({
    l2: weightDecay,
    update: ({ weight, slots }, gradient, { rate }) => {
      const squares = tf.mul(tf.square(gradient), 1 - decay);
      const meanSquare = tf.add(tf.mul(slots['meanSquare'], decay), squares);
      const step = tf.div(tf.mul(gradient, rate), tf.add(tf.sqrt(meanSquare), epsilon));
      return { weight: tf.sub(weight, step), slots: { meanSquare } };
    },
  }),
});
