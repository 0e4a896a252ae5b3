import { z } from 'zod';
import { adamStep } from './adam.js';
import { defineOptimizer } from './optimizer.js';
import { adaptiveLearningRate, beta1, beta2, decoupledWeightDecay, epsilon } from './settings.js';

/**
 * AdamW (Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019, algorithm 2): Adam,
 * and w ← w − lr · decay · w apart from the gradient. Parameters of one dimension do not decay.
 */
export const adamw = defineOptimizer({
  name: 'adamw',
  description: 'Adam with decoupled weight decay',
  schema: z.object({
    ...{ learningRate: adaptiveLearningRate, beta1, beta2, epsilon },
    weightDecay: decoupledWeightDecay,
  }),
  slots: () => ['m', 'v'],
  make: (tf, { weightDecay, ...moments }) => ({
    update: (state, gradient, at) => {
      const { step, slots } = adamStep(tf, state, gradient, at, moments);
      const kept = state.weight.rank > 1 ? 1 - at.rate * weightDecay : 1;
      return { weight: tf.sub(tf.mul(state.weight, kept), step), slots };
    },
  }),
});
