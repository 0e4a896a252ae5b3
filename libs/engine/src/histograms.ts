import { sizeOf, type Gradient, type RunSpec } from '@lockstep/core';
import { histogramOf, sampleGradient, sampleTensor, type Histogram } from '@lockstep/model';
import type { TrainingState } from '@lockstep/optim';
import type { ParameterHistograms } from './engine-protocol.js';

const BINS = 64;
/**
 * Values looked at of each parameter. A bin's share is then off by 0.2 % at most as a rule, and the
 * millions of a dense layer cost the thread that applies updates no more than a small one's.
 */
const MOST_VALUES = 65_536;

/** How every parameter and its last gradient spread. */
export function histograms(
  { model, batch }: Pick<RunSpec, 'model' | 'batch'>,
  weights: TrainingState['weights'],
  update: Gradient | undefined,
): ParameterHistograms[] {
  return model.parameters.map(({ name, shape }, index) => {
    const values = sampleTensor(weights[index], MOST_VALUES);
    const entry = update?.[index];
    return {
      name,
      size: sizeOf(shape),
      sampled: values.length,
      weights: histogramOf(values, BINS),
      ...(entry && { gradient: meanOf(sampleGradient(entry, shape, MOST_VALUES), batch) }),
    };
  });
}

/** Of sums over `batch` samples, the histogram of their means. */
function meanOf(sums: Float32Array, batch: number): Histogram {
  return histogramOf(
    sums.map((sum) => sum / batch),
    BINS,
  );
}
