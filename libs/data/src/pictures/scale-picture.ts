import { coveredBy, placeIn, type Covered } from './covered-pixels.js';
import { lightness, type Colour, type OpaquePicture } from './raster.js';

/** The size that a picture is scaled to, and how. */
export interface Frame {
  readonly height: number;
  readonly width: number;
  /** `fill` changes the aspect ratio; `keep-ratio` centres the picture on paper. */
  readonly fit: 'fill' | 'keep-ratio';
  readonly paper: Colour;
}

/**
 * Scales a picture: each pixel of the result is the mean of the area that it covers. Computed here and not
 * by the decoding library, so that every machine gets the same bytes.
 *
 * @returns [height · width · channels] of the frame, 0–255
 */
export function scalePicture(picture: OpaquePicture, frame: Frame): Uint8Array {
  const { width, height, channels, pixels } = picture;
  if (width === frame.width && height === frame.height) return pixels;
  const [columns, rows] = coverage(picture, frame);
  const paper = channels === 1 ? [lightness(frame.paper)] : frame.paper;
  const scaled = new Uint8Array(frame.height * frame.width * channels);
  let to = 0;
  for (const row of rows) {
    const line = meanOfRows(picture, row, paper);
    for (const { first, shares } of columns) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = paper[channel];
        shares.forEach((share, i) => (sum += share * line[(first + i) * channels + channel]));
        scaled[to++] = Math.round(sum);
      }
    }
  }
  return scaled;
}

/** What each column and each row of the frame covers of the picture. */
function coverage(picture: OpaquePicture, frame: Frame): [readonly Covered[], readonly Covered[]] {
  if (frame.fit === 'fill') {
    return [
      coveredBy(frame.width, 0, frame.width / picture.width, picture.width),
      coveredBy(frame.height, 0, frame.height / picture.height, picture.height),
    ];
  }
  const { scale, left, top } = placeIn(picture, frame);
  return [
    coveredBy(frame.width, left, scale, picture.width),
    coveredBy(frame.height, top, scale, picture.height),
  ];
}

/** By how much the covered rows differ from paper: [width · channels]. What they do not cover is paper. */
function meanOfRows(
  { width, channels, pixels }: OpaquePicture,
  { first, shares }: Covered,
  paper: readonly number[],
): Float64Array {
  const line = new Float64Array(width * channels);
  shares.forEach((share, i) => {
    let from = (first + i) * line.length;
    for (let to = 0; to < line.length; to += channels) {
      for (let channel = 0; channel < channels; channel++) {
        line[to + channel] += share * (pixels[from++] - paper[channel]);
      }
    }
  });
  return line;
}
