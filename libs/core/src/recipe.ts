import type { RunSpec } from './run-spec.js';

/** The RunSpec fields that determine how well a model learns. */
export type Recipe = Pick<RunSpec, 'batch' | 'shardSize' | 'steps' | 'optimizer' | 'keepProb'>;

/**
 * The default: the tutorial's batch, momentum, a short warm-up and half a cosine to 0 over 300,000
 * samples. Weights of deviation 0.1 make the large layer's curvature uneven: plain SGD fast
 * enough for it (0.2 and more) nearly diverges, momentum at a small rate does not.
 */
export const defaultRecipe: Recipe = {
  batch: 50,
  shardSize: 25,
  steps: 6000,
  optimizer: {
    kind: 'sgd',
    learningRate: 0.03,
    momentum: 0.9,
    schedule: { kind: 'cosine', warmupSteps: 30, finalFactor: 0 },
  },
  keepProb: 0.5,
};

/**
 * The settings that TensorFlow's tutorial prints. They do not learn: with the sum of the losses, as printed, it
 * diverges, and with their mean over stable logits, as here, the rate is still too large for
 * weights of deviation 0.1.
 */
export const tutorialRecipe: Recipe = {
  batch: 50,
  shardSize: 25,
  steps: 20_000,
  optimizer: { kind: 'sgd', learningRate: 0.5, momentum: 0, schedule: { kind: 'constant' } },
  keepProb: 0.5,
};
