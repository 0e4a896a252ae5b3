import { createHash } from 'node:crypto';
import type { DataSet, Split } from '../data-set.js';
import { damaged } from './idx.js';
import type { IdxFile } from './idx-file.js';

/** The four files of a data set, in the order in which they make its hash. */
export interface DataFiles<T> {
  readonly trainImages: T;
  readonly trainLabels: T;
  readonly testImages: T;
  readonly testLabels: T;
}

/**
 * Builds a data set from its four files and checks that they agree.
 *
 * @param classCount number of classes; by default one more than the largest training label
 * @throws LockstepError `data-damaged` when counts, shapes or labels disagree
 */
export function assembleDataSet(
  name: string,
  files: DataFiles<IdxFile>,
  classCount: number = largest(files.trainLabels.values) + 1,
): DataSet {
  const inputShape = pictureShape(files.trainImages);
  const testShape = pictureShape(files.testImages);
  if (inputShape.join() !== testShape.join()) {
    throw damaged(
      files.testImages.path,
      `its images are [${testShape.join(', ')}], those of the training set [${inputShape.join(', ')}]`,
    );
  }
  if (classCount < 2) {
    throw damaged(files.trainLabels.path, 'all its labels are 0: there is nothing to tell apart');
  }
  return {
    name,
    sha256: contentHash(files),
    inputShape,
    target: { classes: classCount },
    train: joinSplit(files.trainImages, files.trainLabels, classCount),
    test: joinSplit(files.testImages, files.testLabels, classCount),
  };
}

/**
 * SHA-256 (hex) over the SHA-256 of the four uncompressed idx files (training images and labels,
 * test images and labels), so over all counts, shapes, pixels and labels.
 */
export function contentHash(files: DataFiles<IdxFile>): string {
  const { trainImages, trainLabels, testImages, testLabels } = files;
  const hash = createHash('sha256');
  for (const file of [trainImages, trainLabels, testImages, testLabels]) {
    hash.update(Buffer.from(file.sha256, 'hex'));
  }
  return hash.digest('hex');
}

/** @throws LockstepError `data-damaged` when there is not one label of the classes for each image */
export function joinSplit(images: IdxFile, labels: IdxFile, classCount: number): Split {
  const count = labels.values.length;
  if (images.shape[0] !== count) {
    throw damaged(labels.path, `${count} labels found, ${images.shape[0]} expected, one per image`);
  }
  const wrong = labels.values.findIndex((label) => label >= classCount);
  if (wrong >= 0) {
    throw damaged(
      labels.path,
      `label ${wrong} is ${labels.values[wrong]}, expected 0 to ${classCount - 1}`,
    );
  }
  return { count, inputs: images.values, targets: Int32Array.from(labels.values) };
}

/** [height, width, channels]; a file without a channel dimension is grey. */
export function pictureShape({ shape }: IdxFile): readonly [number, number, number] {
  const [, height = 1, width = 1, channels = 1] = shape;
  return [height, width, channels];
}

const largest = (values: Uint8Array): number =>
  values.reduce((max, value) => (value > max ? value : max), 0);
