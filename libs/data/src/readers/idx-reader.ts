import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import type { DataSet, Split } from '../data-set.js';
import { assembleDataSet, joinSplit, pictureShape, type DataFiles } from './assemble-data-set.js';
import { parseFileName } from './file-name.js';
import { damaged, IMAGE_FORMS, LABEL_FORMS } from './idx.js';
import { readIdxFile, type IdxFile } from './idx-file.js';
import { locateFiles } from './locate-files.js';
import type { DataReader, TestSplitSpec } from './reader.js';

const schema = z.strictObject({});

/** The four idx files of MNIST, plain or gzipped, in one of the layouts that `locateFiles` takes. */
export const idxReader: DataReader<typeof schema> = {
  name: 'idx',
  description: 'the four idx files of MNIST, plain or gzipped',
  schema,
  recognises: async (path) => {
    const names: string[] = await readdir(path).catch(() => [basename(path)]);
    return names.some((name) => parseFileName(name) !== undefined);
  },
  make: () => ({ read, readTestSplit }),
};

async function read(path: string): Promise<DataSet> {
  const { name, files } = await locateFiles(path);
  return assembleDataSet(name, await readIdxFiles(files));
}

async function readTestSplit(
  path: string,
  { testCount, inputShape, target }: TestSplitSpec,
): Promise<Split> {
  const { testImages, testLabels } = (await locateFiles(path)).files;
  const [images, labels] = await Promise.all([
    readIdxFile(testImages, IMAGE_FORMS),
    readIdxFile(testLabels, LABEL_FORMS),
  ]);
  const [count] = images.shape;
  const shape = [count, ...pictureShape(images)].join(', ');
  const expected = [testCount, ...inputShape].join(', ');
  if (shape !== expected) {
    throw damaged(testImages, `its images are [${shape}], those of the run [${expected}]`);
  }
  if (!('classes' in target)) {
    throw damaged(testLabels, 'its targets are classes, those of the run are values');
  }
  return joinSplit(images, labels, target.classes);
}

/** @throws LockstepError `data-not-found` or `data-damaged`, naming the file */
export async function readIdxFiles(paths: DataFiles<string>): Promise<DataFiles<IdxFile>> {
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    readIdxFile(paths.trainImages, IMAGE_FORMS),
    readIdxFile(paths.trainLabels, LABEL_FORMS),
    readIdxFile(paths.testImages, IMAGE_FORMS),
    readIdxFile(paths.testLabels, LABEL_FORMS),
  ]);
  return { trainImages, trainLabels, testImages, testLabels };
}
