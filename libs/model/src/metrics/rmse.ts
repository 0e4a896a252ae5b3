import { needsValues, sumOverValues, type Metric } from './metric.js';

/** Root mean squared error: √ of the mean of (output − target)² over samples and values. */
export const rmse: Metric = {
  name: 'rmse',
  description: 'root mean squared error',
  better: 'lower',
  format: 'number',
  misfit: needsValues,
  width: () => 1,
  sums: (_tf, outputs, targets) => {
    const square = (output: number, target: number): number =>
      (output - target) * (output - target);
    return [sumOverValues(outputs, targets, square) / outputs.shape[1]!];
  },
  finish: ([sum = 0], count) => Math.sqrt(sum / count),
};
