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

/** A metric by name: shares in percent, other figures as they are. */
export function formatMetric(name: string, value: number): string {
  return name === 'accuracy' || name === 'top5' ? formatPercent(value) : formatFigure(value);
}
