import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import { localPath, LockstepError } from '@lockstep/core';
import type { DataFiles } from './data-files.js';
import { describeContent } from './describe-content.js';
import { parseFileName } from './file-name.js';
import { firstBytes } from './first-bytes.js';
import { findSets, isComplete, SEARCH_DEPTH, type FoundSet } from './find-sets.js';

/** The four files of a data set, and what it is called. */
export interface LocatedSet {
  readonly name: string;
  readonly files: DataFiles<string>;
}

const NAMES: DataFiles<string> = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};
const EXPECTED = 'the four idx files of MNIST, plain or gzipped';
const MODULE = 'give --data a file that exports defineDataset(…)';

/**
 * Finds the four files of a data set: in a folder of the tutorial's `MNIST_data/` form, or below it as
 * torchvision and archives lay them out. Of several sets in one place, `FOLDER/emnist-letters` names
 * the one whose files begin so; the path of one of the four files names its set.
 *
 * @throws LockstepError `data-not-found`, saying what is missing, what is there, and how to choose
 */
export async function locateFiles(given: string): Promise<LocatedSet> {
  const path = localPath(given);
  const found = await lookAt(path);
  if (found instanceof Error) return locatePrefix(path, found);
  if (found === 'folder') return choose(path, await findSets(path, SEARCH_DEPTH));
  if (found === 'file') return locateBeside(path);
  throw notFound(`${path} is neither a folder nor a file`);
}

async function lookAt(path: string): Promise<'folder' | 'file' | 'other' | Error> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? 'file' : 'other';
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

/** `FOLDER/emnist-letters`, which is no file: the set of this name in the folder. */
async function locatePrefix(path: string, cause: Error): Promise<LocatedSet> {
  if (!('code' in cause) || (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR')) {
    throw notFound(`${path} cannot be read: ${cause.message}`, undefined, cause);
  }
  const name = basename(path);
  const isNamed = ({ prefix }: FoundSet): boolean => prefix.toLowerCase() === name.toLowerCase();
  const sets = await findSets(dirname(path), 0, isNamed);
  if (sets.length > 0) return choose(path, sets);
  throw notFound(`there is no data set or folder ${path}`, undefined, cause);
}

/** One of the four files: the set that it is of. */
async function locateBeside(path: string): Promise<LocatedSet> {
  const named = parseFileName(basename(path));
  if (named === undefined) {
    const { kind, words } = await describeContent(await firstBytes(path));
    const remedy =
      kind === 'archive' ? 'Unpack it, and give --data the folder that it unpacks to.' : undefined;
    throw notFound(`${path} is ${words}, expected a folder with ${EXPECTED}`, remedy);
  }
  const parent = dirname(path);
  const isInFolderOfItsName = parseFileName(basename(parent)) !== undefined;
  const folder = isInFolderOfItsName ? dirname(parent) : parent;
  const isSame = ({ prefix }: FoundSet): boolean =>
    prefix.toLowerCase() === named.prefix.toLowerCase();
  return choose(join(folder, named.prefix), await findSets(folder, 0, isSame));
}

/** @param path as the user names it, whose last part becomes the set's name */
async function choose(path: string, sets: readonly FoundSet[]): Promise<LocatedSet> {
  const complete = sets.filter(isComplete);
  // The usual names are what is meant, whatever else is in the folder.
  const usual = complete.filter(({ prefix }) => prefix === '');
  const [set, another] = usual.length === 1 && sameFolder(complete) ? usual : complete;
  if (set && another) throw severalSets(path, complete);
  if (set) return { name: basename(path), files: set.files };
  const [partial] = sets;
  throw partial ? lacking(partial) : await nothingIn(path);
}

const sameFolder = (sets: readonly FoundSet[]): boolean =>
  new Set(sets.map(({ folder }) => folder)).size === 1;

function severalSets(path: string, sets: readonly FoundSet[]): LockstepError {
  const names = sets.map(({ folder, prefix }) => join(relative(path, folder), prefix)).sort();
  return notFound(
    `${path} holds ${sets.length} data sets: ${names.join(', ')}`,
    `Name one of them: --data ${join(path, names[0] ?? '')}`,
  );
}

function lacking({ folder, prefix, files }: FoundSet): LockstepError {
  const missing = Object.entries(NAMES)
    .filter(([part]) => !(part in files))
    .map(([, name]) => `${prefix === '' ? '' : `${prefix}-`}${name}[.gz]`);
  return notFound(`${folder} lacks ${missing.join(', ')}`);
}

/** So many entries of a folder are named. */
const MOST_NAMED = 5;

async function nothingIn(folder: string): Promise<LockstepError> {
  const entries = (await readdir(folder)).sort();
  if (entries.length === 0) return notFound(`${folder} is empty, expected ${EXPECTED}`);
  const count = entries.length - MOST_NAMED;
  const some = entries.slice(0, MOST_NAMED).join(', ') + (count > 0 ? ` and ${count} more` : '');
  return notFound(`${folder} holds ${some}, expected ${EXPECTED}`, remedyFor(entries));
}

function remedyFor(entries: readonly string[]): string | undefined {
  const extensions = entries.map((name) => extname(name).toLowerCase());
  const has = (...wanted: string[]): boolean => extensions.some((each) => wanted.includes(each));
  if (has('.zip', '.tar', '.tgz', '.7z', '.rar')) {
    return 'Unpack the archive, and give --data the folder that it unpacks to.';
  }
  if (has('.csv', '.tsv')) {
    return 'Tables in a folder are named train.csv and test.csv; or give --data the table itself.';
  }
  if (has('.parquet', '.h5', '.mat', '.pkl', '.pt')) {
    return `Tables and arrays of other formats are read by a data module of your own: ${MODULE}.`;
  }
  return has('.png', '.jpg', '.jpeg')
    ? 'Put the pictures of each class into a folder of its name.'
    : undefined;
}

function notFound(message: string, remedy?: string, cause?: unknown): LockstepError {
  return new LockstepError('data-not-found', message, {
    remedy:
      remedy ??
      `Use --data mnist, --data fashion-mnist, or give --data a folder with ${EXPECTED}, or a data module.`,
    cause,
  });
}
