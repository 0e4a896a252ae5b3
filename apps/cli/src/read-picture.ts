import { readFile } from 'node:fs/promises';
import { LockstepError } from '@lockstep/core';
import { PNG } from 'pngjs';

const LARGEST_SIDE = 4096;

/**
 * Reads a PNG as the network takes it: grey, scaled to the data's height and width by averaging
 * areas, light on dark. A picture that is mostly light is taken for ink on paper and inverted;
 * transparent counts as background.
 *
 * @param shape [height, width, channels]; channels are filled alike
 * @returns [height · width · channels], in [0, 1]
 * @throws LockstepError `image-unreadable`
 */
export async function readPicture(
  path: string,
  [height, width, channels]: readonly [number, number, number],
): Promise<Float32Array> {
  const grey = toGrey(await decode(path));
  const mean = grey.values.reduce((sum, value) => sum + value, 0) / grey.values.length;
  const light = mean > 0.5 ? grey.values.map((value) => 1 - value) : grey.values;
  const out = new Float32Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = areaMean(
        { ...grey, values: light },
        x / width,
        y / height,
        1 / width,
        1 / height,
      );
      out.fill(value, (y * width + x) * channels, (y * width + x + 1) * channels);
    }
  }
  return out;
}

interface Grey {
  readonly width: number;
  readonly height: number;
  /** [height · width], in [0, 1] */
  readonly values: Float32Array;
}

async function decode(path: string): Promise<PNG> {
  const bad = (reason: string, cause?: unknown): LockstepError =>
    new LockstepError('image-unreadable', `${path}: ${reason}`, {
      remedy: 'give a PNG file of one digit',
      cause,
    });
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw bad('it cannot be read', cause);
  });
  // Width and height stand at fixed places: checked before memory is taken for the pixels.
  const tooLarge =
    bytes.length > 24 && Math.max(bytes.readUInt32BE(16), bytes.readUInt32BE(20)) > LARGEST_SIDE;
  if (tooLarge) throw bad(`it is more than ${LARGEST_SIDE} pixels high or wide`);
  try {
    return PNG.sync.read(bytes);
  } catch (cause) {
    throw bad('it is no PNG', cause);
  }
}

/** Luma of ITU-R BT.601, over a black background. */
function toGrey({ width, height, data }: PNG): Grey {
  const values = Float32Array.from({ length: width * height }, (_, i) => {
    const [r = 0, g = 0, b = 0, alpha = 0] = data.subarray(4 * i, 4 * i + 4);
    return ((0.299 * r + 0.587 * g + 0.114 * b) * alpha) / (255 * 255);
  });
  return { width, height, values };
}

/** Mean over the pixels whose centres lie in a cell; the nearest pixel where none does. */
function areaMean(
  grey: Grey,
  left: number,
  top: number,
  cellWidth: number,
  cellHeight: number,
): number {
  const x0 = Math.floor(left * grey.width);
  const y0 = Math.floor(top * grey.height);
  const x1 = Math.max(x0 + 1, Math.floor((left + cellWidth) * grey.width));
  const y1 = Math.max(y0 + 1, Math.floor((top + cellHeight) * grey.height));
  let sum = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) sum += grey.values[y * grey.width + x] ?? 0;
  }
  return sum / ((x1 - x0) * (y1 - y0));
}
