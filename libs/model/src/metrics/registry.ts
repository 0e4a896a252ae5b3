import type { Better, Target } from '@lockstep/core';
import { meanMetric } from './custom-metric.js';
import type { Metric } from './metric.js';
import * as registered from './registered.js';

/** Every metric. */
export const metrics: readonly Metric[] = Object.values(registered);

/** Of a RunSpec: a name that is not registered is that of a user's metric. */
type Named = readonly string[];

/** How many sums the metrics have together. */
export function metricWidth(names: Named, target: Target): number {
  return names.reduce((sum, name) => sum + metricNamed(name).width(target), 0);
}

/**
 * The metrics by name, from the sums over all samples.
 *
 * @param sums [metricWidth], one metric after another
 */
export function finishMetrics(
  names: Named,
  target: Target,
  sums: readonly number[],
  count: number,
): Record<string, number> {
  let at = 0;
  const finished = names.map((name) => {
    const metric = metricNamed(name);
    const own = sums.slice(at, (at += metric.width(target)));
    return [name, metric.finish(own, count)] as const;
  });
  return Object.fromEntries(finished);
}

/** Which of two values of a metric is better: of a user's metric, the larger one. */
export function betterOf(name: string): Better {
  return metricNamed(name).lowerIsBetter ? 'lower' : 'higher';
}

function metricNamed(name: string): Omit<Metric, 'sums'> {
  return metrics.find((metric) => metric.name === name) ?? meanMetric(name);
}
