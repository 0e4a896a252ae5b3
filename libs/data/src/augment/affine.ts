import type { Change, Draws, Picture } from './augmentation.js';

/**
 * Where the pixel (row, column) of the changed picture lies in the original one:
 * [rowAt + rowByRow · row + rowByColumn · column, columnAt + columnByRow · row + columnByColumn · column].
 */
export interface Affine {
  readonly rowAt: number;
  readonly rowByRow: number;
  readonly rowByColumn: number;
  readonly columnAt: number;
  readonly columnByRow: number;
  readonly columnByColumn: number;
}

/** Every pixel where it is. */
export const IDENTITY: Affine = {
  ...{ rowAt: 0, rowByRow: 1, rowByColumn: 0 },
  ...{ columnAt: 0, columnByRow: 0, columnByColumn: 1 },
};

/**
 * A change that moves pixels. Values between pixels are interpolated linearly in both directions; beyond the
 * edge the picture continues with its edge pixels.
 *
 * @param choose the map for one picture
 */
export function affine(choose: (picture: Picture, draws: Draws) => Affine): Change {
  return (picture, to, draws) => sample(picture, choose(picture, draws), to);
}

function sample({ values, height, width, channels }: Picture, map: Affine, to: Float32Array): void {
  const { rowAt, rowByRow, rowByColumn, columnAt, columnByRow, columnByColumn } = map;
  for (let r = 0, at = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const row = rowAt + rowByRow * r + rowByColumn * c;
      const column = columnAt + columnByRow * r + columnByColumn * c;
      const top = Math.floor(row);
      const left = Math.floor(column);
      const down = row - top;
      const right = column - left;
      const above = within(top, height) * width;
      const below = within(top + 1, height) * width;
      const before = within(left, width);
      const after = within(left + 1, width);
      for (let channel = 0; channel < channels; channel++, at++) {
        const upper =
          values[(above + before) * channels + channel] * (1 - right) +
          values[(above + after) * channels + channel] * right;
        const lower =
          values[(below + before) * channels + channel] * (1 - right) +
          values[(below + after) * channels + channel] * right;
        to[at] = upper * (1 - down) + lower * down;
      }
    }
  }
}

function within(place: number, size: number): number {
  return place < 0 ? 0 : place >= size ? size - 1 : place;
}
