import type { Ink } from './ink.js';

/** MNIST's digits fill a box of 20 pixels in images of 28. */
const BOX_SHARE = 20 / 28;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Normalises a drawing like MNIST: scaled, keeping its proportions, to fit a box of 20 × 20 pixels,
 * and moved by whole pixels so that its centre of mass is the centre of a 28 × 28 image (LeCun et
 * al., http://yann.lecun.com/exdb/mnist). Other image sizes are treated proportionally.
 *
 * @returns [height · width], 0–255; a blank drawing gives a blank image
 */
export function centreDrawing(ink: Ink, width: number, height: number): Uint8Array<ArrayBuffer> {
  const picture = new Uint8Array(width * height);
  const box = boundingBox(ink);
  if (!box) return picture;
  const scale = Math.min((BOX_SHARE * width) / box.width, (BOX_SHARE * height) / box.height);
  const columns = Math.max(1, Math.round(box.width * scale));
  const rows = Math.max(1, Math.round(box.height * scale));
  const small = scaled(ink, box, columns, rows);
  const [x, y] = centreOfMass(small, columns, rows);
  const left = clamp(Math.round(width / 2 - x), 0, width - columns);
  const top = clamp(Math.round(height / 2 - y), 0, height - rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      picture[(top + row) * width + left + column] = Math.round(small[row * columns + column]);
    }
  }
  return picture;
}

/** The smallest box that contains all ink. */
function boundingBox({ levels, width, height }: Ink): Box | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (levels[y * width + x] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Resamples a part of a drawing; each pixel is the mean of the area that it covers. */
function scaled(ink: Ink, box: Box, columns: number, rows: number): Float64Array {
  const out = new Float64Array(columns * rows);
  const across = weights(box.left, box.width, columns);
  const down = weights(box.top, box.height, rows);
  down.forEach((verticals, row) =>
    across.forEach((horizontals, column) => {
      let sum = 0;
      for (const [y, high] of verticals) {
        for (const [x, wide] of horizontals) sum += ink.levels[y * ink.width + x] * high * wide;
      }
      out[row * columns + column] = sum;
    }),
  );
  return out;
}

/** For each of `count` cells of an axis, the pixels it covers and their shares of it. */
function weights(first: number, length: number, count: number): [number, number][][] {
  const size = length / count;
  return Array.from({ length: count }, (_, cell) => {
    const [from, to] = [cell * size, (cell + 1) * size];
    const shares: [number, number][] = [];
    for (let pixel = Math.floor(from); pixel < Math.min(length, Math.ceil(to)); pixel++) {
      const covered = Math.min(to, pixel + 1) - Math.max(from, pixel);
      if (covered > 0) shares.push([first + pixel, covered / size]);
    }
    return shares;
  });
}

/** In pixels from the left and the top edge. */
function centreOfMass(levels: Float64Array, columns: number, rows: number): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  levels.forEach((level, at) => {
    mass += level;
    x += level * ((at % columns) + 0.5);
    y += level * (Math.floor(at / columns) + 0.5);
  });
  return mass === 0 ? [columns / 2, rows / 2] : [x / mass, y / mass];
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), Math.max(low, high));
