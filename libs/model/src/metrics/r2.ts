import { needsValues, type Metric } from './metric.js';

const PER_VALUE = 3;

/**
 * Coefficient of determination: 1 − Σ (output − target)² / Σ (target − mean target)². With several values
 * both sums run over all of them, each with its own mean (scikit-learn, `r2_score` with
 * `multioutput='variance_weighted'`). 0 where the targets do not vary.
 */
export const r2: Metric = {
  name: 'r2',
  description: 'coefficient of determination, R²',
  better: 'higher',
  format: 'number',
  misfit: needsValues,
  width: (target) => ('values' in target ? PER_VALUE * target.values : 0),
  sums: (_tf, outputs, targets) => {
    const valueCount = outputs.shape[1]!;
    // For each value: the squared errors, the targets, the squared targets.
    const sums = new Array<number>(PER_VALUE * valueCount).fill(0);
    outputs.dataSync<'float32'>().forEach((output, i) => {
      const target = targets[i];
      const at = PER_VALUE * (i % valueCount);
      sums[at] += (output - target) * (output - target);
      sums[at + 1] += target;
      sums[at + 2] += target * target;
    });
    return sums;
  },
  finish: (sums, count) => {
    let unexplained = 0;
    let variation = 0;
    for (let at = 0; at < sums.length; at += PER_VALUE) {
      unexplained += sums[at];
      variation += sums[at + 2] - (sums[at + 1] * sums[at + 1]) / count;
    }
    return variation > 0 ? 1 - unexplained / variation : 0;
  },
};
