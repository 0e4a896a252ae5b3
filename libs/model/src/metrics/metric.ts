import type { Better, Target } from '@lockstep/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LossPlace, Targets } from '../losses/loss.js';
import type { TensorFlow } from '../tensorflow.js';

/** How the values of a metric are shown: a share of 1 in percent, or a number as it is. */
export type MetricFormat = 'percent' | 'number';

/** A figure of a network's quality, computed from sums over samples, which shards contribute. */
export interface Metric {
  readonly name: string;
  readonly description: string;
  /** Which of two values is better: of an error, the lower one. */
  readonly better: Better;
  readonly format: MetricFormat;
  /** What is wrong where the metric does not fit, such as `needs class labels`; else undefined. */
  misfit(place: LossPlace): string | undefined;
  /** How many sums it has. */
  width(target: Target): number;
  /**
   * Its sums over the samples, in float64 and in the order of the samples. Runs inside `tf.tidy`.
   *
   * @param outputs of the network, [n, outputs]
   * @returns [width]
   */
  sums(tf: TensorFlow, outputs: Tensor, targets: Targets): readonly number[];
  /**
   * The metric.
   *
   * @param sums over all samples
   * @param count of all samples
   */
  finish(sums: readonly number[], count: number): number;
}

/** The misfit of a metric over classes. */
export function needsClasses({ target }: LossPlace): string | undefined {
  return 'classes' in target ? undefined : 'needs class labels, and the data has values';
}

/** The misfit of a metric over values. */
export function needsValues({ target }: LossPlace): string | undefined {
  return 'values' in target ? undefined : 'needs values, and the data has class labels';
}

/** A sum over all values of all samples, in float64. */
export function sumOverValues(
  outputs: Tensor,
  targets: Targets,
  of: (output: number, target: number) => number,
): number {
  return outputs.dataSync<'float32'>().reduce((sum, output, i) => sum + of(output, targets[i]), 0);
}
