import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import type { IdxHalf, IdxSet } from './data-files.js';
import { parseFileName } from './file-name.js';
import { firstBytes } from './first-bytes.js';
import { readIdxFile } from './idx-file.js';
import { isIdx, readIdxHeader, type IdxHeader } from './idx.js';
import { inflateHead, isGzip } from './inflate.js';

/** A folder with more entries is not searched for idx files of other names. */
export const MOST_FILES = 64;

interface IdxHead extends Pick<IdxHeader, 'shape' | 'type'> {
  readonly path: string;
  /** By the file's name. */
  readonly isTrain: boolean;
}

/** Whether a file is idx, gzipped or not, by its first bytes; false where it cannot be read. */
export async function beginsAsIdx(path: string): Promise<boolean> {
  const head = await headBytes(path).catch(() => undefined);
  return head !== undefined && isIdx(head);
}

/**
 * The idx files of a folder, whatever their names: two, or four of which the two for training have `train` in
 * their names. Of each two, the one with more dimensions holds the inputs.
 *
 * @returns undefined where there are not two or four
 * @throws LockstepError `data-invalid` where it cannot be decided which file is which
 */
export async function setByContent(folder: string): Promise<IdxSet<string> | undefined> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  if (names.length > MOST_FILES) return undefined;
  const found = await Promise.all(names.map((name) => headOf(join(folder, name))));
  const heads = found.filter((head) => head !== undefined);
  if (heads.length === 2) return { train: halfOf(heads) };
  if (heads.length !== 4) return undefined;
  const train = heads.filter(({ isTrain }) => isTrain);
  const test = heads.filter(({ isTrain }) => !isTrain);
  if (train.length === 2) return { train: halfOf(train), test: halfOf(test) };
  throw undecided(heads, 'it is unclear which two hold the training set');
}

/** Which of two files holds the inputs. */
function halfOf(heads: readonly IdxHead[]): IdxHalf<string> {
  const [first, second] = [...heads].sort((a, b) => b.shape.length - a.shape.length);
  if (first.shape.length > second.shape.length) {
    return { inputs: first.path, targets: second.path };
  }
  const targets = heads.filter(({ path }) => /label|target/i.test(basename(path)));
  const [inputs] = heads.filter((head) => !targets.includes(head));
  if (targets.length !== 1) throw undecided(heads, 'it is unclear which of them holds the labels');
  return { inputs: inputs.path, targets: targets[0].path };
}

function undecided(heads: readonly IdxHead[], what: string): LockstepError {
  const list = heads.map(
    ({ path, type, shape }) => `${basename(path)} (${type} [${shape.join(', ')}])`,
  );
  return new LockstepError('data-invalid', `${heads[0].path}: ${what}: ${list.join(', ')}`, {
    remedy:
      'Name the files train-images, train-labels, test-images and test-labels; the last two may be missing.',
  });
}

/**
 * Undefined where the file is not idx.
 *
 * @throws LockstepError `data-damaged` where its name says that it is
 */
async function headOf(path: string): Promise<IdxHead | undefined> {
  const head = await headBytes(path).catch(() => undefined);
  if (head === undefined || !isIdx(head)) {
    const isNamed = parseFileName(basename(path)) !== undefined;
    if (isNamed && (await isReadable(path))) await readIdxFile(path);
    return undefined;
  }
  const { shape, type } = readIdxHeader(head, path);
  return { path, shape, type, isTrain: /train/i.test(basename(path)) };
}

async function headBytes(path: string): Promise<Uint8Array> {
  const bytes = await firstBytes(path);
  return isGzip(bytes) ? inflateHead(bytes, path) : bytes;
}

const isReadable = (path: string): Promise<boolean> =>
  firstBytes(path).then(
    () => true,
    () => false,
  );
