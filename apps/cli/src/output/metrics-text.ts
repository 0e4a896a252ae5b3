/** Metrics in words: `test accuracy 98.37 %, test auc 0.9912`. */
export function metricsText(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `test ${name} ${metricText(name, value)}`)
    .join(', ');
}

/** Shares in percent, other figures with four digits. */
function metricText(name: string, value: number): string {
  if (name === 'accuracy' || name === 'top5') return `${(100 * value).toFixed(2)} %`;
  return String(Number(value.toPrecision(4)));
}
