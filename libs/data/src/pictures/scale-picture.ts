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
    const line = sumOfRows(pixels, row, width * channels);
    for (const column of columns) {
      const uncovered = 1 - row.total * column.total;
      for (let channel = 0; channel < channels; channel++) {
        let sum = uncovered * paper[channel];
        let from = column.first * channels + channel;
        for (const share of column.shares) {
          sum += share * line[from];
          from += channels;
        }
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

/** The covered rows, each times its share: [length]. */
function sumOfRows(pixels: Uint8Array, { first, shares }: Covered, length: number): Float64Array {
  const line = new Float64Array(length);
  shares.forEach((share, i) => {
    const from = (first + i) * length;
    for (let at = 0; at < length; at++) line[at] += share * pixels[from + at];
  });
  return line;
}
