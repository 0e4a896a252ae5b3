import { basename } from 'node:path';
import { localPath, LockstepError } from '@lockstep/core';
import { z } from 'zod';
import type { DataSet, Split } from '../data-set.js';
import { damaged } from '../readers/idx.js';
import type { DataReader, TestSplitSpec } from '../readers/reader.js';
import { splitSamples, USUAL_SHARE } from '../split/split-samples.js';
import { splitSettings } from '../split/split-settings.js';
import { valuesHash } from '../values-hash.js';
import { holdsPictures } from './holds-pictures.js';
import { listPictures, type ListedPictures, type PictureFile } from './list-pictures.js';
import { inThreeChannels } from './raster.js';
import { readPictures, type ReadPicture } from './read-pictures.js';

/** The largest height or width of a sample. */
const LARGEST_SIDE = 4096;
const SIDES = `must be one or two whole numbers from 1 to ${LARGEST_SIDE}`;

const schema = z.strictObject({
  size: z
    .array(z.int(SIDES).min(1, SIDES).max(LARGEST_SIDE, SIDES))
    .min(1, SIDES)
    .max(2, SIDES)
    .optional()
    .describe('height and width that pictures are scaled to (default: all have one size)'),
  colour: z
    .enum(['rgb', 'grey'])
    .optional()
    .describe('channels of a sample: rgb or grey (default: grey if no picture has colour)'),
  ...splitSettings,
});

type Settings = z.infer<typeof schema>;

/** A folder of pictures with a folder for each class. */
export const pictureReader: DataReader<typeof schema> = {
  name: 'pictures',
  description:
    'a folder of PNG, JPEG, WebP, GIF, TIFF or AVIF pictures, in a folder for each class',
  schema,
  recognises: holdsPictures,
  make: (settings) => ({
    read: (path) => read(localPath(path), settings),
    readTestSplit: (path, spec) => readTestSplit(localPath(path), settings, spec),
  }),
};

async function read(folder: string, settings: Settings): Promise<DataSet> {
  const listed = await listPictures(folder);
  const { train, test } = divide(folder, listed, settings);
  const pictures = await readPictures([...train, ...test], settings);
  const inputShape = shapeOf(pictures, settings);
  const { classNames } = listed;
  const content = {
    inputShape,
    target: { classes: classNames.length },
    train: join(train, pictures.slice(0, train.length), inputShape),
    test: join(test, pictures.slice(train.length), inputShape),
  };
  const identity = { name: basename(folder), sha256: valuesHash(content), classNames };
  return { ...identity, ...content, notes: [noteOn(listed, inputShape, settings)] };
}

function noteOn(
  { test }: ListedPictures,
  [height, width, channels]: readonly number[],
  { size, testSplit, splitSeed }: Settings,
): string {
  const scaled = size === undefined ? 'pictures' : `pictures, scaled to ${height}×${width},`;
  const colour = channels === 3 ? 'in colours' : 'in grey';
  const tested =
    test?.folder ??
    `${Number((100 * (testSplit ?? USUAL_SHARE)).toPrecision(4))} % of each class, chosen by --split-seed ${splitSeed ?? 0}`;
  const unused = test && test.unused.length > 0 ? `; not used: ${test.unused.join(', ')}` : '';
  return `${scaled} ${colour}; test set: ${tested}${unused}`;
}

async function readTestSplit(
  folder: string,
  settings: Settings,
  { testCount, inputShape, target }: TestSplitSpec,
): Promise<Split> {
  const listed = await listPictures(folder);
  const { test } = divide(folder, listed, settings);
  const colour = inputShape.at(-1) === 3 ? 'rgb' : 'grey';
  const pictures = await readPictures(test, settings);
  const found = {
    samples: [test.length, ...shapeOf(pictures, { ...settings, colour })].join(', '),
    classes: listed.classNames.length,
  };
  const samples = [testCount, ...inputShape].join(', ');
  const classes = 'classes' in target ? target.classes : 0;
  if (found.samples !== samples || found.classes !== classes) {
    throw damaged(
      folder,
      `its test set is [${found.samples}] of ${found.classes} classes, that of the run [${samples}] of ${classes}`,
      { remedy: 'Restore the data that the run was begun with.' },
    );
  }
  return join(test, pictures, inputShape);
}

interface Halves {
  readonly train: readonly PictureFile[];
  readonly test: readonly PictureFile[];
}

/** @throws LockstepError `bad-option` where a test set is there and another is asked for */
function divide(folder: string, { train, test }: ListedPictures, settings: Settings): Halves {
  if (!test) {
    const labels = Int32Array.from(train, ({ label }) => label);
    const chosen = splitSamples(train.length, labels, settings, folder);
    const filesAt = (indices: Uint32Array): PictureFile[] =>
      Array.from(indices, (index) => train[index]);
    return { train: filesAt(chosen.train), test: filesAt(chosen.test) };
  }
  const { testSplit, splitSeed } = settings;
  if (testSplit === undefined && splitSeed === undefined) return { train, test: test.files };
  const option = testSplit === undefined ? '--split-seed' : '--test-split';
  throw new LockstepError(
    'bad-option',
    `${option} cannot be used with ${folder}: it has a test set of its own, ${test.folder}`,
    { remedy: `omit ${option}, or give --data the folder of the training set` },
  );
}

/** [height, width, channels] */
function shapeOf(pictures: readonly ReadPicture[], { colour }: Settings): readonly number[] {
  const [{ height, width }] = pictures;
  const isColoured = colour === undefined && pictures.some(({ channels }) => channels === 3);
  return [height, width, isColoured || colour === 'rgb' ? 3 : 1];
}

/** @param shape [height, width, channels] of a sample */
function join(
  files: readonly PictureFile[],
  pictures: readonly ReadPicture[],
  [height, width, channels]: readonly number[],
): Split {
  const size = height * width * channels;
  const inputs = new Uint8Array(files.length * size);
  pictures.forEach(({ pixels }, i) => {
    inputs.set(pixels.length === size ? pixels : inThreeChannels(pixels), i * size);
  });
  return { count: files.length, inputs, targets: Int32Array.from(files, ({ label }) => label) };
}
