import type { Metrics } from './run-event.js';

/**
 * A fixed slice of one step's global batch. How many shards a step has depends on the RunSpec
 * alone, never on how many workers there are.
 */
export interface Shard {
  /** The step this slice belongs to, from 1. */
  readonly step: number;
  /** The shard's place in its step, from 0. Gradients are reduced in this order. */
  readonly index: number;
  /** Position of the first sample within the step's global batch, from 0. */
  readonly firstSample: number;
  /** Number of samples in this shard, at least 1. */
  readonly sampleCount: number;
}

/** A slice of the test set, evaluated with the weights of one pinned version. */
export interface EvaluationShard {
  /** The version of the weights to evaluate with. */
  readonly version: number;
  readonly index: number;
  /** Index of the first sample in the test set, from 0. */
  readonly firstSample: number;
  readonly sampleCount: number;
}

/** Names a shard in logs and messages: `step 12 shard 3`. */
export function shardLabel(shard: Pick<Shard, 'step' | 'index'>): string {
  return `step ${shard.step} shard ${shard.index}`;
}

/** What the workers made of the whole test set at one version. */
export interface Evaluation {
  readonly version: number;
  /** Of a classification. */
  readonly testAccuracy?: number;
  /** Mean over the test set. */
  readonly testLoss: number;
  readonly metrics: Metrics;
  /** [testCount], the predicted class of each test sample; empty for a regression */
  readonly predictions: Uint16Array;
  /** [testCount], the probability of that class; empty for a regression */
  readonly confidences: Float32Array;
}
