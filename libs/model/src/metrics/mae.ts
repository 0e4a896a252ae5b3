import { needsValues, sumOverValues, type Metric } from './metric.js';

/** Mean absolute error: the mean of |output − target| over samples and values. */
export const mae: Metric = {
  name: 'mae',
  description: 'mean absolute error',
  better: 'lower',
  format: 'number',
  misfit: needsValues,
  width: () => 1,
  sums: (_tf, outputs, targets) => {
    const sum = sumOverValues(outputs, targets, (output, target) => Math.abs(output - target));
    return [sum / outputs.shape[1]!];
  },
  finish: ([sum = 0], count) => sum / count,
};
