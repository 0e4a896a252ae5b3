import { LockstepError } from '@lockstep/core';
import { targetTensor, type SampleFunction } from '../losses/custom-loss.js';
import { sumOf } from '../losses/loss.js';
import type { Metric } from './metric.js';

/** A user's metric: the mean of what its function returns for each sample. */
export function customMetric(name: string, compute: SampleFunction): Metric {
  return {
    ...meanMetric(name),
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

/** How a user's metric is finished, which needs no function of the user's. */
export function meanMetric(name: string): Omit<Metric, 'sums'> {
  return {
    name,
    description: 'mean of a value per sample, which the model file defines',
    misfit: () => undefined,
    width: () => 1,
    finish: ([sum = 0], count) => sum / count,
  };
}
