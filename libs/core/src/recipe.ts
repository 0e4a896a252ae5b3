import type { OptimizerSpec, RunSpec } from './run-spec.js';

/** What of a RunSpec decides how well a model learns. */
export type Recipe = Pick<RunSpec, 'batch' | 'shardSize' | 'steps' | 'optimizer' | 'keepProb'>;

const sgd = (learningRate: number, schedule: OptimizerSpec['schedule']): OptimizerSpec => ({
  kind: 'sgd',
  learningRate,
  momentum: 0,
  schedule,
});

/** The default: plain SGD, a short warm-up, half a cosine to 0; 300,000 samples. */
export const defaultRecipe: Recipe = {
  batch: 100,
  shardSize: 50,
  steps: 3000,
  optimizer: sgd(0.1, { kind: 'cosine', warmupSteps: 30, finalFactor: 0 }),
  keepProb: 0.5,
};

/**
 * What TensorFlow's tutorial prints. It does not learn: with the sum of the losses, as printed, it
 * diverges, and with their mean over stable logits, as here, the rate is still too large for
 * weights of deviation 0.1.
 */
export const tutorialRecipe: Recipe = {
  batch: 50,
  shardSize: 50,
  steps: 20_000,
  optimizer: sgd(0.5, { kind: 'constant' }),
  keepProb: 0.5,
};
