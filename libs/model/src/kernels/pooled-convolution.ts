import * as tf from '@tensorflow/tfjs-core';
import { filterGradient } from './convolution.js';
import { axisGeometry, type Padding } from './padding.js';
import { reluGradient } from './relu-gradient.js';

/** A convolution of stride 1 whose output is max-pooled by windows that neither overlap nor leave a rest. */
export interface PooledConvolution {
  readonly padding: Padding;
  /** Height and width of a pooling window, and the distance between windows. */
  readonly poolSize: number;
}

export interface PooledPass {
  /** [batch, h' / poolSize, w' / poolSize, out] */
  readonly output: tf.Tensor;
  /** d loss / d filter. */
  readonly gradient: (dy: tf.Tensor) => tf.Tensor;
}

/** Whether pooling windows divide the convolution's output exactly. */
export function poolsExactly(
  imageSize: readonly [number, number],
  kernel: number,
  { padding, poolSize }: PooledConvolution,
): boolean {
  return imageSize.every((size) => axisGeometry(size, kernel, 1, padding).output % poolSize === 0);
}

/**
 * Convolution and max-pooling in one: each place of the pooling window is a convolution of its own,
 * of the image moved by that place, with the pool's stride. The pool is then the maximum of whole
 * tensors, and its gradient needs no search for where a maximum was: with one input channel a third
 * less time than one after the other, forward and back. It has no gradient by the image.
 *
 * @param x [batch, h, w, in]
 * @param filter [kh, kw, in, out]
 */
export function convolveAndPool(
  x: tf.Tensor,
  filter: tf.Tensor,
  pooled: PooledConvolution,
): PooledPass {
  const images = placesOf(x, filter.shape, pooled);
  const places = images.map((image) =>
    tf.conv2d(image as tf.Tensor4D, filter as tf.Tensor4D, pooled.poolSize, 'valid'),
  );
  // maxima[n] is the largest of the places 0 … n
  const maxima: tf.Tensor[] = [];
  for (const place of places) {
    const before = maxima.at(-1);
    maxima.push(before === undefined ? place : tf.maximum(before, place));
  }
  const window = { stride: pooled.poolSize, padding: 'valid' } as const;
  return {
    output: maxima[maxima.length - 1],
    gradient: (dy) =>
      routeToFirst(dy, places, maxima)
        .map((delta, n) => filterGradient(images[n], delta, filter.shape, window))
        .reduce((sum, part) => tf.add(sum, part)),
  };
}

/**
 * Splits dy among the places of the window: it goes to the largest, to the first in row-major order
 * where several are equal, which is TensorFlow's rule: a place takes it from those before only when
 * it is strictly larger.
 */
function routeToFirst(
  dy: tf.Tensor,
  places: readonly tf.Tensor[],
  maxima: readonly tf.Tensor[],
): tf.Tensor[] {
  const deltas: tf.Tensor[] = [];
  let rest = dy;
  for (let n = places.length - 1; n > 0; n--) {
    deltas[n] = reluGradient(rest, tf.sub(places[n], maxima[n - 1]));
    rest = tf.sub(rest, deltas[n]); // exact: each value is either 0 or all of it
  }
  deltas[0] = rest;
  return deltas;
}

/** The image, padded, as each place of the pooling window sees it, in row-major order. */
function placesOf(
  x: tf.Tensor,
  filterShape: readonly number[],
  { padding, poolSize }: PooledConvolution,
): tf.Tensor[] {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth] = filterShape;
  const rows = axisGeometry(height, kernelHeight, 1, padding);
  const columns = axisGeometry(width, kernelWidth, 1, padding);
  const around = (size: number, kernel: number, axis: typeof rows): [number, number] => [
    axis.before,
    axis.output + kernel - 1 - size - axis.before,
  ];
  const padded = tf.pad(x, [
    [0, 0],
    around(height, kernelHeight, rows),
    around(width, kernelWidth, columns),
    [0, 0],
  ]);
  const size = [
    batch,
    rows.output - poolSize + kernelHeight,
    columns.output - poolSize + kernelWidth,
    channels,
  ];
  return Array.from({ length: poolSize * poolSize }, (_, place) =>
    tf.slice(padded, [0, Math.floor(place / poolSize), place % poolSize, 0], size),
  );
}
