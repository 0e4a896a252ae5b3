import { formatFigure, formatPercent } from './numbers.js';

/** What is known of a run's quality on the test set. */
interface Tested {
  /** Of a classification. */
  readonly testAccuracy?: number;
  readonly metrics: Readonly<Record<string, number>>;
}

interface NamedMetric {
  /** As in a sentence: `accuracy`, `mae`. */
  readonly label: string;
  readonly value: number | undefined;
  /** Formatted. */
  readonly text: string;
}

/** The metric that stands for a run: its accuracy, or the first one of a regression. */
export function mainMetric({ testAccuracy, metrics }: Tested): NamedMetric {
  if (testAccuracy !== undefined) {
    return { label: 'accuracy', value: testAccuracy, text: formatPercent(testAccuracy) };
  }
  const [[label, value] = ['metric', undefined]] = Object.entries(metrics);
  return { label, value, text: formatFigure(value) };
}

/** A metric's value: a share in percent, another figure as it is. */
export function formatMetric(value: number, format: 'percent' | 'number' = 'number'): string {
  return format === 'percent' ? formatPercent(value) : formatFigure(value);
}
