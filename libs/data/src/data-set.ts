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
  const counts = { trainCount: train.count, testCount: test.count };
  return { name, sha256, ...counts, inputShape: imageShape, target: { classes: classCount } };
}

/** Properties of a data set's samples beyond their number and shape. */
export interface DataTraits {
  /** Brightness of the edge of at least 90 % of the images; absent where they differ. */
  readonly background?: 'dark' | 'light';
  /** Labels below the number of classes that no training sample has. */
  readonly unusedLabels: readonly number[];
}

/** Number of images examined, spread over the set. */
const LOOKED_AT = 1000;
/** The share of images that must agree. */
const NEARLY_ALL = 0.9;

/** Determines the traits of a data set's training samples. */
export function dataTraits({ imageShape, classCount, train }: DataSet): DataTraits {
  const used = new Set(train.labels);
  const labels = Array.from({ length: classCount }, (_, label) => label);
  const share = lightShare(train, imageShape);
  return {
    ...(share <= 1 - NEARLY_ALL && { background: 'dark' }),
    ...(share >= NEARLY_ALL && { background: 'light' }),
    unusedLabels: labels.filter((label) => !used.has(label)),
  };
}

/** Share of images whose mean edge value is light. */
function lightShare({ count, images }: Split, shape: DataSet['imageShape']): number {
  const edge = edgePlaces(shape);
  const size = shape[0] * shape[1] * shape[2];
  const looked = Math.min(count, LOOKED_AT);
  let light = 0;
  for (let i = 0; i < looked; i++) {
    const first = Math.floor((i * count) / looked) * size;
    const sum = edge.reduce((total, place) => total + (images[first + place] ?? 0), 0);
    if (sum / edge.length > 127.5) light++;
  }
  return light / looked;
}

/** Where the values of the outermost pixels are in an image. */
function edgePlaces([height, width, channels]: DataSet['imageShape']): readonly number[] {
  return Array.from({ length: height * width * channels }, (_, place) => place).filter((place) => {
    const column = Math.floor(place / channels) % width;
    const row = Math.floor(place / channels / width);
    return row === 0 || column === 0 || row === height - 1 || column === width - 1;
  });
}
