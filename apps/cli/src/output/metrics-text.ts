import { formatOf } from '@lockstep/model/objective';

/** Metrics in words: `test accuracy 98.37 %, test auc 0.9912`. */
export function metricsText(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `test ${name} ${metricText(name, value)}`)
    .join(', ');
}

/** The value of a metric: `98.37 %`, `0.9912`. */
export function metricText(name: string, value: number): string {
  if (formatOf(name) === 'percent') return `${(100 * value).toFixed(2)} %`;
  return String(Number(value.toPrecision(4)));
}
