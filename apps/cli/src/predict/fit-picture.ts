import { LockstepError } from '@lockstep/core';
import {
  flattenOn,
  lightness,
  scalePicture,
  toGrey,
  WHITE,
  type DataTraits,
  type DecodedPicture,
  type OpaquePicture,
  type Raster,
} from '@lockstep/data';
import { paperOf, type Paper } from './paper.js';

/** What was understood of a picture. */
export interface PictureFacts {
  readonly width: number;
  readonly height: number;
  /** Of its file: `PNG`. */
  readonly format: string;
  /** What transparent parts were taken for; absent where the edge is opaque. */
  readonly transparentOn?: 'black' | 'white';
  /** Whether dark and light were exchanged, to be as in the training data. */
  readonly inverted: boolean;
}

/** A picture as the network takes it. */
export interface FittedPicture extends PictureFacts {
  /** [height · width · channels], in [0, 1] */
  readonly values: Float32Array;
}

/** What the picture is to be like. */
export interface PictureTarget {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** What is behind the training samples; absent where they differ. */
  readonly background?: DataTraits['background'];
  /** Whether the training samples were read from picture files, which are on white where transparent. */
  readonly isTrainedOnFiles: boolean;
  /** Whether those were scaled without keeping their aspect ratio. */
  readonly isStretched: boolean;
}

/**
 * Fits a picture to the samples of a run: grey for one channel, red, green and blue for three, scaled to
 * their height and width as the training samples were, else with its aspect ratio kept and the rest filled
 * with the colour of its paper. A grey one is inverted when its paper is light and the background of the
 * data dark, or the other way round.
 *
 * @throws LockstepError `image-unreadable` where every pixel is transparent
 */
export function fitPicture(decoded: DecodedPicture, target: PictureTarget): FittedPicture {
  const { width, height, format } = decoded;
  const { picture, paper } = onPaper(decoded, target);
  const isLight = lightness(paper.colour) > 127.5;
  const inverted = target.channels === 1 && target.background === (isLight ? 'dark' : 'light');
  const fit = target.isStretched ? 'fill' : 'keep-ratio';
  const inChannels = target.channels === 1 ? toGrey(picture) : picture;
  const pixels = scalePicture(inChannels, { ...target, fit, paper: paper.colour });
  return {
    values: Float32Array.from(pixels, (value) => (inverted ? 255 - value : value) / 255),
    ...{ width, height, format },
    ...(paper.chosen && { transparentOn: isLight ? ('white' as const) : ('black' as const) }),
    inverted,
  };
}

function onPaper(
  raster: Raster,
  { isTrainedOnFiles }: PictureTarget,
): { readonly picture: OpaquePicture; readonly paper: Paper } {
  const own = paperOf(raster);
  if (own === undefined) {
    throw new LockstepError('image-unreadable', 'every pixel of it is transparent', {
      remedy: 'give a picture with something in it',
    });
  }
  const paper = isTrainedOnFiles && own.chosen ? { ...own, colour: WHITE } : own;
  const under = isTrainedOnFiles ? WHITE : paper.colour;
  return { picture: flattenOn(under, raster), paper };
}
