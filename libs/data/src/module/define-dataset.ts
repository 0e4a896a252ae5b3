import type { Target } from '@lockstep/core';

/** Numbers as a data module gives them. */
export type NumberArray =
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** The samples of a range, one after another. */
export interface SampleRange {
  /**
   * [count, …inputShape], row-major. Bytes are the pixels of pictures [height, width, channels], which
   * the network receives divided by 255; all other numbers reach it as they are, as float32.
   */
  readonly inputs: NumberArray;
  /** [count] class numbers from 0, or [count, values] */
  readonly targets: NumberArray;
}

/** Half of a data set: how many samples it has, and how to read some of them. */
export interface SplitDefinition {
  readonly count: number;
  /**
   * Reads the samples from `from` up to, but without, `to`. Every read of a sample gives the same
   * values, in every process: all workers call it.
   */
  read(from: number, to: number): SampleRange | Promise<SampleRange>;
}

/** A data set as a module defines it. */
export interface DatasetDefinition {
  /** Of one sample: [height, width, channels] of a picture, [columns] of a table's row. */
  readonly inputShape: readonly number[];
  /** Classes from 0, 65,536 at most; or the number of values of a regression's targets. */
  readonly target: Target;
  readonly train: SplitDefinition;
  readonly test: SplitDefinition;
}

/**
 * Declares a data set; the default export of a data module.
 *
 * @example
 * export default defineDataset({
 *   inputShape: [2],
 *   target: { classes: 2 },
 *   train: { count: 1000, read: (from, to) => rows(from, to) },
 *   test: { count: 100, read: (from, to) => rows(1000 + from, 1000 + to) },
 * });
 */
export function defineDataset(definition: DatasetDefinition): DatasetDefinition {
  return definition;
}
