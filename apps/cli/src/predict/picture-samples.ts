import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { decodePicture, folderEntries, mapInOrder, UnusablePicture } from '@lockstep/data';
import { fitPicture, type PictureTarget } from './fit-picture.js';
import type { Sample, SampleKind } from './sample.js';

/** As many pictures are decoded at once. */
const AT_ONCE = 4;

/** Pictures, and folders of pictures with those below them: what no other kind takes. */
export const pictureSamples: SampleKind = {
  takes: () => Promise.resolve(true),
  read: async function* (path, record) {
    const target = targetOf(record);
    const read = (file: string): Promise<Sample | LockstepError> => readSample(file, target);
    yield* mapInOrder(await filesAt(path), AT_ONCE, read);
  },
};

async function readSample(path: string, target: PictureTarget): Promise<Sample | LockstepError> {
  try {
    const { values, ...picture } = fitPicture(await decodePicture(path), target);
    return { source: path, values, picture };
  } catch (error) {
    if (error instanceof UnusablePicture) return unreadable(error.message, error.remedy, error);
    if (error instanceof LockstepError)
      return unreadable(`${path}: ${error.message}`, error.remedy);
    throw error;
  }
}

/** The file, or those of a folder and the folders below it. */
async function filesAt(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return [path];
  const { folders, files } = await folderEntries(path).catch((cause: unknown) => {
    throw unreadable(`${path} cannot be read`, 'let this user read the folder', cause);
  });
  const below = await Promise.all(folders.map((name) => filesAt(join(path, name))));
  const all = [...files.map((name) => join(path, name)), ...below.flat()];
  if (all.length > 0) return all;
  throw unreadable(`${path} holds no pictures`, 'give a picture, or a folder of pictures');
}

/** Older runs do not record the background: theirs is MNIST's. */
function targetOf({ runId, spec, traits }: RunRecord): PictureTarget {
  const background = traits === undefined ? 'dark' : traits.background;
  const { inputShape, reader } = spec.data;
  const [height, width, channels, ...others] = inputShape;
  const isPicture = height && width && (channels === 1 || channels === 3) && others.length === 0;
  if (isPicture) {
    return {
      ...{ height, width, channels },
      ...(background && { background }),
      isTrainedOnFiles: reader?.kind === 'pictures',
      isStretched: reader?.kind === 'pictures' && reader['size'] !== undefined,
    };
  }
  throw new LockstepError(
    'bad-option',
    `the samples of run ${runId} are [${inputShape.join(', ')}], not pictures in grey or colours`,
    { remedy: 'give data of the kind that the run was trained on' },
  );
}

function unreadable(message: string, remedy?: string, cause?: unknown): LockstepError {
  return new LockstepError('image-unreadable', message, {
    ...(remedy !== undefined && { remedy }),
    cause,
  });
}
