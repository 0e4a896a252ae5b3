import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { canonicalJson, localPath, LockstepError, messageOf } from '@lockstep/core';
import { isModulePath } from '@lockstep/user-modules';
import { z } from 'zod';
import type { DataSet, Split } from '../data-set.js';
import type { DataReader, TestSplitSpec } from '../readers/reader.js';
import { dataInvalid } from './data-invalid.js';
import { readInThread } from './read-in-thread.js';

const schema = z.strictObject({});

/** A module of the user's that defines the data, see `defineDataset`. */
export const moduleReader: DataReader<typeof schema> = {
  name: 'module',
  description: 'a TypeScript or JavaScript module whose default export is a `defineDataset(…)`',
  schema,
  recognises: async (path) => {
    const found = await stat(path).catch(() => undefined);
    return isModulePath(path) && found?.isDirectory() !== true;
  },
  make: () => ({ read, readTestSplit }),
};

async function read(path: string): Promise<DataSet> {
  const file = await fileAt(path);
  const { whole, ...content } = await readInThread({ file });
  if (!whole) throw new LockstepError('internal', 'the data thread sent half of a data set');
  return { name: basename(file, extname(file)), ...whole, ...content };
}

async function readTestSplit(path: string, spec: TestSplitSpec): Promise<Split> {
  const file = await fileAt(path);
  const { inputShape, target, test } = await readInThread({ file, half: 'test' });
  const found = { testCount: test.count, inputShape, target };
  const { testCount, inputShape: shape, target: expected } = spec;
  if (canonicalJson(found) === canonicalJson({ testCount, inputShape: shape, target: expected })) {
    return test;
  }
  throw dataInvalid(file, 'its test set is not that of the run', {
    remedy: 'Give the module that the run was begun with.',
  });
}

/** @throws LockstepError `data-not-found` */
async function fileAt(path: string): Promise<string> {
  const file = localPath(path);
  const found = await stat(file).catch((cause: unknown) => {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const reason = messageOf(cause);
    const message = isMissing ? `there is no file ${file}` : `${file} cannot be read: ${reason}`;
    throw new LockstepError('data-not-found', message, {
      remedy: 'Give --data the path of a data module, of a folder, or the name of a data set.',
      cause,
    });
  });
  if (found.isFile()) return file;
  throw new LockstepError('data-not-found', `${file} is not a file`);
}
