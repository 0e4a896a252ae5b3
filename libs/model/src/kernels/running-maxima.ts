import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { reluGradient } from './relu-gradient.js';

/** maxima[n] is, element by element, the largest of the places 0 … n; all have one shape. */
export function runningMaxima(tf: TensorFlow, places: readonly tf.Tensor[]): tf.Tensor[] {
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
export function routeToFirst(
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
