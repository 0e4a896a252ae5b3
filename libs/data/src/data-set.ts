import { sizeOf, type DataReaderSpec, type DataSpec, type Target } from '@lockstep/core';
import type { TableEncoding } from './table/table-encoding.js';

/** Half of a data set: samples and their targets. */
export interface Split {
  readonly count: number;
  /** [count, …inputShape], row-major; bytes are the pixels of pictures, 0–255 */
  readonly inputs: Uint8Array | Float32Array;
  /** [count] class numbers, each below the target's `classes`, or [count, values] */
  readonly targets: Int32Array | Float32Array;
}

export interface DataSet {
  readonly name: string;
  /**
   * Identity by content: `contentHash` for idx files, the same whether they were gzipped or not, else
   * `valuesHash`.
   */
  readonly sha256: string;
  /** Of one sample: [height, width, channels] of a picture. */
  readonly inputShape: readonly number[];
  readonly target: Target;
  /** Of each class, where the data name them. */
  readonly classNames?: readonly string[];
  /** Of a table's rows as inputs. */
  readonly encoding?: TableEncoding;
  readonly train: Split;
  readonly test: Split;
  /** What was understood of files that can be read in more than one way, a line each; for the user. */
  readonly notes?: readonly string[];
  /** The reader and its settings; absent where its path alone says how to read. */
  readonly reader?: DataReaderSpec;
}

/** The RunSpec's record of a data set. */
export function dataSpec({
  name,
  sha256,
  inputShape,
  target,
  train,
  test,
  reader,
}: DataSet): DataSpec {
  const counts = { trainCount: train.count, testCount: test.count };
  return { name, sha256, ...counts, inputShape, target, ...(reader && { reader }) };
}

/** Properties of a data set's samples beyond their number and shape. */
export interface DataTraits {
  /** Brightness of the edge of at least 90 % of the pictures; absent where they differ, or for other data. */
  readonly background?: 'dark' | 'light';
  /** Class numbers that no training sample has. */
  readonly unusedLabels: readonly number[];
  readonly classNames?: readonly string[];
  readonly encoding?: TableEncoding;
  readonly notes?: readonly string[];
}

/** Number of images examined, spread over the set. */
const LOOKED_AT = 1000;
/** The share of images that must agree. */
const NEARLY_ALL = 0.9;

/** Determines the traits of a data set's training samples. */
export function dataTraits(data: DataSet): DataTraits {
  const { inputShape, target, train, classNames, encoding, notes } = data;
  const used = new Set(train.targets);
  const labels = Array.from({ length: 'classes' in target ? target.classes : 0 }, (_, i) => i);
  const share = lightShare(train, inputShape);
  return {
    ...(share !== undefined && share <= 1 - NEARLY_ALL && { background: 'dark' }),
    ...(share !== undefined && share >= NEARLY_ALL && { background: 'light' }),
    unusedLabels: labels.filter((label) => !used.has(label)),
    ...(classNames && { classNames }),
    ...(encoding && { encoding }),
    ...(notes && { notes }),
  };
}

/** Share of pictures whose mean edge value is light; undefined for other data. */
function lightShare({ count, inputs }: Split, shape: readonly number[]): number | undefined {
  if (!(inputs instanceof Uint8Array)) return undefined;
  const edge = edgePlaces(shape);
  const size = sizeOf(shape);
  const looked = Math.min(count, LOOKED_AT);
  let light = 0;
  for (let i = 0; i < looked; i++) {
    const first = Math.floor((i * count) / looked) * size;
    const sum = edge.reduce((total, place) => total + (inputs[first + place] ?? 0), 0);
    if (sum / edge.length > 127.5) light++;
  }
  return light / looked;
}

/** Where the values of the outermost pixels are in a picture. */
function edgePlaces([height = 1, width = 1, channels = 1]: readonly number[]): readonly number[] {
  return Array.from({ length: height * width * channels }, (_, place) => place).filter((place) => {
    const column = Math.floor(place / channels) % width;
    const row = Math.floor(place / channels / width);
    return row === 0 || column === 0 || row === height - 1 || column === width - 1;
  });
}
