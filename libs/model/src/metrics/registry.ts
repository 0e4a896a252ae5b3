import type { Better, ModelSpec, Target } from '@lockstep/core';
import { meanMetric } from './custom-metric.js';
import type { Metric, MetricFormat } from './metric.js';
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

/** Which of two values of one of a run's metrics is better. */
export function betterOf(
  { lowerIsBetter = [] }: Pick<ModelSpec, 'lowerIsBetter'>,
  name: string,
): Better {
  return lowerIsBetter.includes(name) ? 'lower' : metricNamed(name).better;
}

/** How the values of a metric are shown. */
export function formatOf(name: string): MetricFormat {
  return metricNamed(name).format;
}

function metricNamed(name: string): Omit<Metric, 'sums'> {
  return metrics.find((metric) => metric.name === name) ?? meanMetric(name);
}
