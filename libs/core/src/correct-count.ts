import type { ModelSpec } from './run-spec.js';

/**
 * Number of samples classified correctly, among the metric sums of a shard.
 *
 * @returns undefined for a model without the metric `accuracy`
 */
export function correctCountIn(
  { metrics }: Pick<ModelSpec, 'metrics'>,
  metricSums: readonly number[],
): number | undefined {
  return metricSums[metrics.indexOf('accuracy')];
}
