import { LockstepError } from '@lockstep/core';
import type { DataTraits } from '@lockstep/data';
import { coveredBy, placeIn } from './fit-picture.js';
import { lightness, paperOf, type Colour, type Paper } from './paper.js';
import { readPng, type Raster } from './read-png.js';

/** A picture as the network takes it, and what was understood of the file. */
export interface Picture {
  /** [height · width · channels], in [0, 1] */
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
  /** As the file stores it: `8-bit grey`. */
  readonly format: string;
  /** What transparent parts were taken for; absent where the edge is opaque. */
  readonly transparentOn?: 'black' | 'white';
  /** Whether dark and light were exchanged, to be as in the training data. */
  readonly inverted: boolean;
}

/** What the picture is to be like. */
export interface PictureTarget {
  /** [height, width, channels] */
  readonly shape: readonly [number, number, number];
  /** What is behind the training samples; absent where they differ. */
  readonly background?: DataTraits['background'];
}

/**
 * Reads a PNG as one sample: grey for one channel, red, green and blue for three, scaled to the data's
 * height and width with its aspect ratio kept, the rest filled with the colour of its paper. A picture
 * for one channel is inverted when its paper is light and the data's background dark, or the other
 * way round; a picture in colours never is.
 *
 * @throws LockstepError `image-unreadable`
 */
export async function readPicture(path: string, target: PictureTarget): Promise<Picture> {
  const [, , channels] = target.shape;
  if (channels !== 1 && channels !== 3) {
    throw unreadable(
      path,
      `the samples of the run have ${channels} channels, a picture has 1 or 3`,
    );
  }
  const raster = await readPng(path);
  const paper = paperOf(raster);
  if (paper === undefined) throw unreadable(path, 'every pixel of it is transparent');
  const isLight = lightness(paper.colour) > 0.5;
  const inverted = channels === 1 && target.background === (isLight ? 'dark' : 'light');
  const values = sample(raster, paper, target.shape);
  return {
    values: inverted ? values.map((value) => 1 - value) : values,
    width: raster.width,
    height: raster.height,
    format: raster.format,
    ...(paper.chosen && { transparentOn: isLight ? ('white' as const) : ('black' as const) }),
    inverted,
  };
}

function sample(
  raster: Raster,
  { colour: paper }: Paper,
  [height, width, channels]: PictureTarget['shape'],
): Float32Array {
  const { scale, left, top } = placeIn(raster, { width, height });
  const columns = coveredBy(width, left, scale, raster.width);
  const rows = coveredBy(height, top, scale, raster.height);
  const out = new Float32Array(height * width * channels);
  let at = 0;
  for (const row of rows) {
    for (const column of columns) {
      // What the picture does not cover is paper.
      const sums: [number, number, number] = [...paper];
      row.shares.forEach((rowShare, j) =>
        column.shares.forEach((columnShare, i) => {
          const pixel = 4 * ((row.first + j) * raster.width + column.first + i);
          addInk(sums, raster.rgba, pixel, rowShare * columnShare, paper);
        }),
      );
      if (channels === 1) out[at++] = lightness(sums);
      else for (const value of sums) out[at++] = value;
    }
  }
  return out;
}

/** Over paper, a pixel changes its colour by alpha · (ink − paper). */
function addInk(
  sums: [number, number, number],
  rgba: Uint8Array,
  pixel: number,
  share: number,
  paper: Colour,
): void {
  const weight = (share * (rgba[pixel + 3] ?? 0)) / 255;
  for (const part of [0, 1, 2] as const) {
    sums[part] += weight * ((rgba[pixel + part] ?? 0) / 255 - paper[part]);
  }
}

function unreadable(path: string, reason: string): LockstepError {
  return new LockstepError('image-unreadable', `${path}: ${reason}`, {
    remedy: 'give a PNG picture of one sample, grey or in colours as the training data are',
  });
}
