import type { Change, Draws, Picture } from './augmentation.js';

/** Where a pixel of the changed picture lies in the original one; fractions lie between pixels. */
export interface Place {
  row: number;
  column: number;
}

/**
 * A change that moves pixels. Values between pixels are interpolated linearly in both directions; beyond the
 * edge the picture continues with its edge pixels.
 *
 * @param begin chooses, for one picture, the function that sets `place` from a row and a column
 */
export function moving(
  begin: (picture: Picture, draws: Draws) => (place: Place, row: number, column: number) => void,
): Change {
  const place: Place = { row: 0, column: 0 };
  return (picture, to, draws) => {
    const { height, width, channels } = picture;
    const locate = begin(picture, draws);
    for (let row = 0, at = 0; row < height; row++) {
      for (let column = 0; column < width; column++, at += channels) {
        locate(place, row, column);
        interpolate(picture, place, to, at);
      }
    }
  };
}

function interpolate(
  { values, height, width, channels }: Picture,
  { row, column }: Place,
  to: Float32Array,
  at: number,
): void {
  const top = Math.floor(row);
  const left = Math.floor(column);
  const down = row - top;
  const right = column - left;
  const rowAbove = within(top, height) * width;
  const rowBelow = within(top + 1, height) * width;
  const before = within(left, width);
  const after = within(left + 1, width);
  for (let channel = 0; channel < channels; channel++) {
    const value = (pixel: number): number => values[pixel * channels + channel];
    const above = value(rowAbove + before) * (1 - right) + value(rowAbove + after) * right;
    const below = value(rowBelow + before) * (1 - right) + value(rowBelow + after) * right;
    to[at + channel] = above * (1 - down) + below * down;
  }
}

const within = (place: number, size: number): number => Math.min(Math.max(place, 0), size - 1);
