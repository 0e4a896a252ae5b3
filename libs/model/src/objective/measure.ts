import type { Better, Metrics, RunSpec } from '@lockstep/core';
import { betterOf } from '../metrics/registry.js';

/** The figure by which the versions of a run are compared. */
export interface Measure {
  readonly metric: string;
  readonly better: Better;
  /** Its value in an evaluation; NaN where that has none. */
  readonly of: (evaluation: Tested) => number;
}

interface Tested {
  /** Of a classification; all that evaluations of old runs have. */
  readonly testAccuracy?: number;
  readonly testLoss: number;
  readonly metrics: Metrics;
}

/** The run's first metric, or the loss of one without metrics. */
export function measureOf({ model }: Pick<RunSpec, 'model'>): Measure {
  const [metric] = model.metrics;
  if (metric === undefined) {
    return { metric: 'loss', better: 'lower', of: ({ testLoss }) => testLoss };
  }
  return {
    ...{ metric, better: betterOf(model, metric) },
    of: ({ metrics, testAccuracy = NaN }) =>
      metrics[metric] ?? (metric === 'accuracy' ? testAccuracy : NaN),
  };
}
