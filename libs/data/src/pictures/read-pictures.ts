import { LockstepError } from '@lockstep/core';
import { damaged } from '../readers/idx.js';
import { decodePicture } from './decode-picture.js';
import type { PictureFile } from './list-pictures.js';
import { mapInOrder } from './map-in-order.js';
import { flattenOn, isGrey, toGrey, WHITE, type OpaquePicture } from './raster.js';
import { scalePicture } from './scale-picture.js';
import { UnusablePicture } from './unusable-picture.js';

/** How the pictures of a data set are read. */
export interface PictureSettings {
  /** [side] or [height, width] that they are scaled to; absent: all must have one size. */
  readonly size?: readonly number[] | undefined;
  /** Absent: `rgb` if any picture has colour. */
  readonly colour?: 'rgb' | 'grey' | undefined;
}

/** As many are decoded at once as Node has threads for it. */
const AT_ONCE = 4;
/** So many damaged files are named. */
const MOST_NAMED = 10;

/** A picture as a sample. */
export interface ReadPicture extends OpaquePicture {
  readonly path: string;
}

/**
 * Decodes pictures as samples, in the order of the files: on white where they are transparent, scaled to
 * `size`. Those without colour have one channel, the others three.
 *
 * @throws LockstepError `data-damaged`, naming the files that cannot be decoded, or `data-invalid` where
 *   two sizes differ
 */
export async function readPictures(
  files: readonly PictureFile[],
  settings: PictureSettings,
): Promise<readonly ReadPicture[]> {
  const read = (file: PictureFile): Promise<ReadPicture | UnusablePicture> =>
    readPicture(file.path, settings).catch((error: unknown) => {
      if (error instanceof UnusablePicture) return error;
      throw error;
    });
  const pictures: ReadPicture[] = [];
  const unusable: UnusablePicture[] = [];
  for await (const found of mapInOrder(files, AT_ONCE, read)) {
    if (found instanceof UnusablePicture) unusable.push(found);
    else pictures.push(mustBeAsLarge(found, pictures[0]));
    if (unusable.length === MOST_NAMED) break;
  }
  const [first, ...others] = unusable;
  if (first) throw unusablePictures(first, others);
  return pictures;
}

async function readPicture(path: string, settings: PictureSettings): Promise<ReadPicture> {
  const flat = flattenOn(WHITE, await decodePicture(path));
  const picture = settings.colour === 'grey' || isGrey(flat) ? toGrey(flat) : flat;
  if (settings.size === undefined) return { path, ...picture };
  const [height, width = height] = settings.size;
  const pixels = scalePicture(picture, { height, width, fit: 'fill', paper: WHITE });
  return { path, height, width, channels: picture.channels, pixels };
}

function mustBeAsLarge(picture: ReadPicture, first = picture): ReadPicture {
  if (picture.width === first.width && picture.height === first.height) return picture;
  throw new LockstepError(
    'data-invalid',
    `the pictures differ in size: ${first.path} is ${sizeOf(first)}, ${picture.path} is ${sizeOf(picture)}`,
    {
      remedy: 'Give --size HEIGHT,WIDTH, for example --size 64,64: all pictures are scaled to it.',
    },
  );
}

const sizeOf = ({ width, height }: ReadPicture): string => `${height}×${width} (height × width)`;

function unusablePictures(
  { path, reason, remedy, cause }: UnusablePicture,
  others: readonly UnusablePicture[],
): LockstepError {
  const named = others.map((other) => other.path).join(', ');
  const more = others.length === 0 ? '' : `; nor can these be used: ${named}`;
  return damaged(path, `${reason}${more}`, { remedy, cause });
}
