import { LockstepError, type Better } from '@lockstep/core';
import { targetTensor, type SampleFunction } from '../losses/custom-loss.js';
import { sumOf } from '../losses/loss.js';
import type { Metric } from './metric.js';

/**
 * A metric of a model file: the mean of what its function returns for each sample. The larger value is
 * better, unless the metric says otherwise.
 */
export type CustomMetric =
  SampleFunction | { readonly value: SampleFunction; readonly better: Better };

/** A user's metric, ready to compute. */
export function customMetric(name: string, metric: CustomMetric): Metric {
  const compute = typeof metric === 'function' ? metric : metric.value;
  return {
    ...meanMetric(name, customBetter(metric)),
    sums: (tf, outputs, targets) => {
      const sampleCount = outputs.shape[0];
      const values = compute(tf, outputs, targetTensor(tf, targets, sampleCount));
      if (values.shape.join() === String(sampleCount)) return [sumOf(values)];
      throw new LockstepError(
        'model-invalid',
        `metric ${name} returns the shape [${values.shape.join(', ')}] for ${sampleCount} samples`,
        { remedy: `return one value for each sample, [${sampleCount}]` },
      );
    },
  };
}

/** Which of two values of a user's metric is better. */
export function customBetter(metric: CustomMetric): Better {
  return typeof metric === 'function' ? 'higher' : metric.better;
}

/** A user's metric without its function, which finishing it does not need. */
export function meanMetric(name: string, better: Better = 'higher'): Omit<Metric, 'sums'> {
  return {
    name,
    description: 'mean of a value per sample, which the model file defines',
    better,
    format: 'number',
    misfit: () => undefined,
    width: () => 1,
    finish: ([sum = 0], count) => sum / count,
  };
}
