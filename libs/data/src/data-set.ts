import type { DataSpec } from '@lockstep/core';

/** Half of a data set: images and their labels. */
export interface Split {
  readonly count: number;
  /** [count, height, width, channels], row-major, 0–255 */
  readonly images: Uint8Array;
  /** [count], each below the data set's `classCount` */
  readonly labels: Uint8Array;
}

export interface DataSet {
  readonly name: string;
  /** Identity by content, see `contentHash`: the same whether the files were gzipped or not. */
  readonly sha256: string;
  /** [height, width, channels] */
  readonly imageShape: readonly [number, number, number];
  readonly classCount: number;
  readonly train: Split;
  readonly test: Split;
}

/** The RunSpec's record of a data set. */
export function dataSpec({ name, sha256, imageShape, classCount, train, test }: DataSet): DataSpec {
  return { name, sha256, trainCount: train.count, testCount: test.count, imageShape, classCount };
}
