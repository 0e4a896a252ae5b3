import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { channelsSetting } from '../arrays/array-settings.js';
import { readTestHalf } from '../arrays/read-halves.js';
import { splitSettings } from '../split/split-settings.js';
import { assembleIdxSet, idxSource, unreadFiles } from './assemble-data-set.js';
import type { DataFiles, IdxHalf, IdxSet } from './data-files.js';
import { parseFileName } from './file-name.js';
import { readIdxFile, type IdxFile } from './idx-file.js';
import { beginsAsIdx, MOST_FILES } from './idx-by-content.js';
import { locateIdxSet } from './locate-idx-set.js';
import type { DataReader } from './reader.js';

const schema = z.strictObject({ channels: channelsSetting, ...splitSettings });

/** Idx files as MNIST has, plain or gzipped, of every type and rank, in one of the layouts that are found. */
export const idxReader: DataReader<typeof schema> = {
  name: 'idx',
  description: 'idx files as MNIST has, plain or gzipped',
  schema,
  recognises: async (path) => {
    const entries: string[] | undefined = await readdir(path).catch(() => undefined);
    const names = entries ?? [basename(path)];
    if (names.some((name) => parseFileName(name) !== undefined)) return true;
    const files = entries ? names.map((name) => join(path, name)) : [path];
    if (files.length > MOST_FILES) return false;
    return (await Promise.all(files.map(beginsAsIdx))).includes(true);
  },
  make: (settings) => ({
    read: async (path) => {
      const { name, paths } = await locateIdxSet(path);
      return assembleIdxSet(name, await readSet(paths), settings);
    },
    readTestSplit: async (path, spec) => {
      const { paths } = await locateIdxSet(path);
      return readTestHalf(idxSource(unreadFiles(paths), settings), spec);
    },
  }),
};

async function readSet({ train, test }: IdxSet<string>): Promise<IdxSet<IdxFile>> {
  const [trainFiles, testFiles] = await Promise.all([readHalf(train), test && readHalf(test)]);
  return { train: trainFiles, test: testFiles };
}

async function readHalf(half: IdxHalf<string>): Promise<IdxHalf<IdxFile>> {
  const [inputs, targets] = await Promise.all([
    readIdxFile(half.inputs),
    readIdxFile(half.targets),
  ]);
  return { inputs, targets };
}

/** @throws LockstepError `data-not-found` or `data-damaged`, naming the file */
export async function readIdxFiles(paths: DataFiles<string>): Promise<DataFiles<IdxFile>> {
  const [train, test] = await Promise.all([
    readHalf({ inputs: paths.trainImages, targets: paths.trainLabels }),
    readHalf({ inputs: paths.testImages, targets: paths.testLabels }),
  ]);
  return {
    ...{ trainImages: train.inputs, trainLabels: train.targets },
    ...{ testImages: test.inputs, testLabels: test.targets },
  };
}
