import { sizeOf } from '@lockstep/core';
import { arrayInvalid } from './array-errors.js';
import type { ArraySettings } from './array-settings.js';
import { bytesOf, floatsOf, formOf, permuted, type StridedArray } from './strided-array.js';

/** An array that was read, and its place for messages. */
export interface PlacedArray {
  readonly array: StridedArray;
  readonly place: string;
}

/** Samples of half a data set, without targets. */
export interface Inputs {
  /** Type and shape of the array as it is stored. */
  readonly stored: string;
  readonly count: number;
  readonly inputShape: readonly number[];
  /** [count, …inputShape]; bytes are the pixels of pictures */
  readonly inputs: Uint8Array | Float32Array;
}

/** Most dimensions of a sample. */
const MOST_DIMENSIONS = 6;
/** Numbers of channels by which the order of a picture's dimensions is recognised. */
const CHANNELS = [1, 3, 4];

/**
 * The samples of an array [n, …]. uint8 arrays [n, height, width] and [n, height, width, channels] are
 * pictures; all other elements become float32, with their values as they are.
 *
 * @throws LockstepError `data-invalid` on too many dimensions, on channels that come first, and on NaN or
 *   infinite values, with their index
 */
export function inputsOf(placed: PlacedArray, channels: ArraySettings['channels']): Inputs {
  const { array, place } = channelsLast(placed, channels);
  const stored = formOf(placed.array);
  const [count, ...shape] = array.shape;
  if (array.shape.length === 0 || shape.length > MOST_DIMENSIONS) {
    throw arrayInvalid(
      place,
      `it has ${array.shape.length} dimensions, expected 1 to ${MOST_DIMENSIONS + 1}: [samples, …]`,
      'Reshape it so that its first dimension counts the samples.',
    );
  }
  if (array.type === 'uint8' && (shape.length === 2 || shape.length === 3)) {
    const inputShape = shape.length === 2 ? [...shape, 1] : shape;
    return { stored, count, inputShape, inputs: bytesOf(array) };
  }
  const inputShape = shape.length === 0 ? [1] : shape;
  return { stored, count, inputShape, inputs: finite(floatsOf(array), array.shape, place) };
}

/** [n, channels, height, width] → [n, height, width, channels], where the setting says so. */
function channelsLast(placed: PlacedArray, channels: ArraySettings['channels']): PlacedArray {
  const { array, place } = placed;
  const { shape } = array;
  if (channels === 'first') {
    if (shape.length === 4) return { array: permuted(array, [0, 2, 3, 1]), place };
    throw arrayInvalid(
      place,
      `its shape is [${shape.join(', ')}], expected [n, channels, height, width] with --channels first`,
      'Leave out --channels.',
    );
  }
  const isFirst = shape.length === 4 && CHANNELS.includes(shape[1]) && !CHANNELS.includes(shape[3]);
  if (channels === 'last' || !isFirst) return placed;
  throw arrayInvalid(
    place,
    `its shape [${shape.join(', ')}] looks like [n, channels, height, width], expected [n, height, width, channels]`,
    'Give --channels first, which transposes it, or --channels last to take it as it is.',
  );
}

/**
 * Checks that all values are finite.
 *
 * @param shape of the whole array
 * @throws LockstepError `data-invalid` with the index of the first that is not
 */
export function finite(
  values: Float32Array,
  shape: readonly number[],
  place: string,
): Float32Array {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return values;
  throw arrayInvalid(
    place,
    `the value at [${indexOf(at, shape).join(', ')}] is ${values[at]}`,
    'Every value must be finite as a float32: leave such samples out, or replace the value.',
  );
}

function indexOf(at: number, shape: readonly number[]): readonly number[] {
  return shape.map((size, axis) => Math.floor(at / sizeOf(shape.slice(axis + 1))) % size);
}
