import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import type { Pooled } from './first-maximum.js';
import type { PoolWindow } from './padding.js';
import { reluGradient } from './elementwise.js';

/** Whether the windows cover the image without overlap and without a rest. */
export function tiles(x: tf.Tensor, { size, stride }: PoolWindow): boolean {
  const [, height, width] = x.shape;
  return stride === size && height % size === 0 && width % size === 0;
}

/**
 * Max-pooling by windows that tile the image, as maxima of whole tensors: first along the rows, then
 * of the rows under each other, so that of equal values the first in row-major order is the one
 * found. Nothing is searched for, one way or the other: together three times faster than
 * MaxPoolWithArgmax and its gradient.
 *
 * @param x [batch, h, w, c], with h and w multiples of `size`
 */
export function tilingPool(tf: TensorFlow, x: tf.Tensor, size: number): Pooled {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [rows, columns] = [height / size, width / size];
  const along = largestOf(tf, tf.reshape(x, [batch * height * columns, size, channels]));
  const across = largestOf(tf, tf.reshape(along.output, [batch * rows, size, columns * channels]));
  return {
    output: tf.reshape(across.output, [batch, rows, columns, channels]),
    gradient: (dy) => tf.reshape(along.gradient(across.gradient(dy)), x.shape),
  };
}

/** The largest along the middle axis: [n, size, m] → [n, 1, m] */
function largestOf(tf: TensorFlow, x: tf.Tensor): Pooled {
  const [n, size, m] = x.shape as [number, number, number];
  const places = tf.split(x, size, 1);
  const maxima = runningMaxima(tf, places);
  return {
    output: maxima[maxima.length - 1],
    gradient: (dy) => tf.concat(routeToFirst(tf, tf.reshape(dy, [n, 1, m]), places, maxima), 1),
  };
}

/** maxima[n] is, element by element, the largest of the places 0 … n; all have one shape. */
function runningMaxima(tf: TensorFlow, places: readonly tf.Tensor[]): tf.Tensor[] {
  const maxima: tf.Tensor[] = [];
  for (const place of places) {
    const before = maxima.at(-1);
    maxima.push(before === undefined ? place : tf.maximum(before, place));
  }
  return maxima;
}

/**
 * Splits the gradient by the last of `maxima` among the places: it goes to the largest, to the first
 * where several are equal, which is TensorFlow's rule: a place takes it from those before only when
 * it is strictly larger.
 */
function routeToFirst(
  tf: TensorFlow,
  dy: tf.Tensor,
  places: readonly tf.Tensor[],
  maxima: readonly tf.Tensor[],
): tf.Tensor[] {
  const deltas: tf.Tensor[] = [];
  let rest = dy;
  for (let n = places.length - 1; n > 0; n--) {
    deltas[n] = reluGradient(tf, rest, tf.sub(places[n], maxima[n - 1]));
    rest = tf.sub(rest, deltas[n]); // exact: each value is either 0 or all of it
  }
  deltas[0] = rest;
  return deltas;
}
