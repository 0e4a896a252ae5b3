import type { EvaluationShard } from '@lockstep/core';

/**
 * Cuts the test set into shards of `shardSize` samples, the last one maybe fewer, all pinned to one
 * version of the weights.
 */
export function planEvaluation(
  testCount: number,
  version: number,
  shardSize: number,
): EvaluationShard[] {
  return Array.from({ length: Math.ceil(testCount / shardSize) }, (_, index) => {
    const firstSample = index * shardSize;
    const sampleCount = Math.min(shardSize, testCount - firstSample);
    return { version, index, firstSample, sampleCount };
  });
}
