import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LockstepError } from '@lockstep/core';

/** The files of a data set of tables. */
export interface TableFiles {
  readonly name: string;
  readonly train: string;
  readonly test?: string;
}

const EXTENSION = /\.(csv|tsv|tab)(\.gz)?$/i;
const TRAINING = /^(?<prefix>(.+[-_.])?)train\.(csv|tsv|tab)(\.gz)?$/i;

/** Whether a file is a table by its name. */
export function isTableName(name: string): boolean {
  return EXTENSION.test(name);
}

/** Whether a folder has a table named as a training set: `train.csv`, `mnist_train.csv`, `train.tsv.gz`. */
export async function holdsTables(folder: string): Promise<boolean> {
  const names: string[] = await readdir(folder).catch(() => []);
  return names.some((name) => TRAINING.test(name));
}

/**
 * Finds the tables of a path: a file alone, or in a folder `train.csv` with `test.csv` beside it, which may
 * have a prefix and be gzipped.
 *
 * @throws LockstepError `data-not-found`, saying how to choose
 */
export async function locateTables(path: string): Promise<TableFiles> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new LockstepError('data-not-found', `there is no table ${path}`, {
      remedy: 'give --data the path of a table, or of a folder with train.csv',
      cause,
    });
  });
  if (!found.isDirectory()) {
    return { name: basename(path).replace(EXTENSION, ''), train: path };
  }
  const names = (await readdir(path)).sort();
  const training = names.filter((name) => TRAINING.test(name));
  const [train = ''] = training;
  if (training.length > 1) {
    throw new LockstepError('data-not-found', `${path} holds ${training.join(' and ')}`, {
      remedy: `name one of them: --data ${join(path, train)}`,
    });
  }
  const prefix = TRAINING.exec(train)?.groups?.['prefix'] ?? '';
  const test = names.find(
    (name) =>
      isTableName(name) &&
      name.replace(EXTENSION, '').toLowerCase() === `${prefix}test`.toLowerCase(),
  );
  return {
    name: basename(path),
    train: join(path, train),
    ...(test !== undefined && { test: join(path, test) }),
  };
}
