import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { isOneHot } from '../arrays/array-targets.js';
import type { NamedArray } from '../arrays/named-array.js';
import { readHalves, type ArraySource } from '../arrays/read-halves.js';
import { permuted, type StridedArray } from '../arrays/strided-array.js';
import type { DataSet } from '../data-set.js';
import { valuesHash } from '../values-hash.js';
import { mapSet, setOf, type DataFiles, type IdxSet } from './data-files.js';
import { damaged } from './idx.js';
import { readIdxFile, type IdxFile } from './idx-file.js';

type Settings = ArraySource['settings'];

/**
 * Builds a data set of known content from its four files, see `assembleIdxSet`.
 *
 * @throws LockstepError `data-damaged` or `data-invalid` when counts, shapes or labels disagree
 */
export async function assembleDataSet(name: string, files: DataFiles<IdxFile>): Promise<DataSet> {
  const { notes: _notes, ...data } = await assembleIdxSet(name, setOf(files));
  return data;
}

/**
 * Builds a data set from idx files and checks that they agree. Integer labels are the numbers of their
 * classes, from 0 to the largest.
 *
 * @throws LockstepError `data-damaged` or `data-invalid` when counts, shapes or labels disagree, or
 *   `bad-option`
 */
export async function assembleIdxSet(
  name: string,
  files: IdxSet<IdxFile>,
  settings: Settings = {},
): Promise<DataSet> {
  const inMemory = mapSet(files, (file) => ({
    place: file.place,
    read: () => Promise.resolve(file),
  }));
  const content = await readHalves(idxSource(inMemory, settings));
  const { test } = files;
  const sha256 =
    test && settings.channels === undefined
      ? contentHash([files.train.inputs, files.train.targets, test.inputs, test.targets])
      : valuesHash(content);
  return { name, sha256, ...content };
}

/** Files that are read when they are needed. */
export const unreadFiles = (paths: IdxSet<string>): IdxSet<Unread> =>
  mapSet(paths, (place) => ({ place, read: () => readIdxFile(place) }));

interface Unread {
  readonly place: string;
  readonly read: () => Promise<IdxFile>;
}

/** Idx files as arrays. */
export function idxSource(files: IdxSet<Unread>, settings: Settings): ArraySource {
  const array =
    (check: (file: IdxFile) => StridedArray) =>
    ({ place, read }: Unread): NamedArray => ({
      ...{ name: basename(place), place },
      read: async () => check(await read()),
    });
  const half = ({ inputs, targets }: IdxSet<Unread>['train']) => ({
    inputs: array(inputsIn)(inputs),
    targets: array(targetsIn)(targets),
  });
  const { train, test } = files;
  return {
    place: train.inputs.place,
    chosen: { train: half(train), ...(test && { test: half(test) }) },
    settings,
    numbering: 'from-zero',
  };
}

function inputsIn({ array, place }: IdxFile): StridedArray {
  const { shape, type } = array;
  if (shape.length > 1) return array;
  throw damaged(
    place,
    `its shape is [${shape.join(', ')}] (${type}), as labels have; expected inputs of 2 dimensions or more`,
  );
}

/** QMNIST has after the label what else is known of the sample, in 32-bit integers. */
function targetsIn(file: IdxFile): StridedArray {
  const { array } = file;
  const { shape, type } = array;
  const isQmnist = type === 'int32' && shape.length === 2 && !isOneHot(file);
  return isQmnist ? permuted(array, [0]) : array;
}

/**
 * SHA-256 (hex) over the SHA-256 of the four uncompressed idx files (training images and labels,
 * test images and labels), so over all counts, shapes, pixels and labels.
 */
function contentHash(files: readonly IdxFile[]): string {
  const hash = createHash('sha256');
  for (const { sha256 } of files) hash.update(Buffer.from(sha256, 'hex'));
  return hash.digest('hex');
}
