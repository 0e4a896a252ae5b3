import { sizeOf, type Target } from '@lockstep/core';
import type { Split } from '../data-set.js';
import type { SplitSettings } from './split-settings.js';
import { splitSamples } from './split-samples.js';

/** Samples that have no test set of their own. */
export interface Samples extends Split {
  readonly inputShape: readonly number[];
  readonly target: Target;
}

/**
 * Divides samples into a training and a test set, see `splitSamples`; both keep the order of the samples.
 *
 * @param source for messages
 * @throws LockstepError `data-invalid` where there are too few samples for both
 */
export function divideSamples(
  samples: Samples,
  settings: SplitSettings,
  source: string,
): { readonly train: Split; readonly test: Split } {
  const { count, targets } = samples;
  const classes = targets instanceof Int32Array ? targets : undefined;
  const { train, test } = splitSamples(count, classes, settings, source);
  return { train: chosen(samples, train), test: chosen(samples, test) };
}

function chosen({ inputs, targets, inputShape, target }: Samples, indices: Uint32Array): Split {
  const count = indices.length;
  const inputSize = sizeOf(inputShape);
  const targetSize = 'values' in target ? target.values : 1;
  return {
    count,
    inputs:
      inputs instanceof Uint8Array
        ? takeRows(inputs, indices, new Uint8Array(count * inputSize))
        : takeRows(inputs, indices, new Float32Array(count * inputSize)),
    targets:
      targets instanceof Int32Array
        ? takeRows(targets, indices, new Int32Array(count * targetSize))
        : takeRows(targets, indices, new Float32Array(count * targetSize)),
  };
}

/** The part of a typed array's interface that copies rows. */
interface Rows<T> {
  readonly length: number;
  subarray(begin: number, end: number): T;
  set(values: T, offset: number): void;
}

function takeRows<T extends Rows<T>>(from: T, indices: Uint32Array, to: T): T {
  const size = to.length / indices.length;
  indices.forEach((index, row) => {
    to.set(from.subarray(index * size, (index + 1) * size), row * size);
  });
  return to;
}
