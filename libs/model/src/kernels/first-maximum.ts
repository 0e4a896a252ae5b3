import type * as tf from '@tensorflow/tfjs-core';
import { axisGeometry, type Padding } from './padding.js';

/** The result of a pooling, prepared for its gradient. */
export interface Pooled {
  readonly output: tf.Tensor;
  /** d loss / d input; of equal values in a window, the first in row-major order takes it all. */
  readonly gradient: (dy: tf.Tensor) => tf.Tensor;
}

/** [batch, height, width, channels] */
type ImageShape = readonly [number, number, number, number];

/**
 * The gradient of max-pooling, written out: each window's dy is added at its largest value, at the
 * first one in row-major order where several are equal. For backends whose own kernel breaks ties
 * otherwise (wasm takes the last); the rule is that of TensorFlow's CPU kernel.
 *
 * @param x [batch, h, w, c]
 * @param dy [batch, h', w', c]
 * @returns d loss / d x, of x's shape
 */
export function addAtFirstMaximum(
  x: ArrayLike<number>,
  [batch, height, width, channels]: ImageShape,
  dy: ArrayLike<number>,
  { size, stride, padding }: { size: number; stride: number; padding: Padding },
): Float32Array {
  const dx = new Float32Array(x.length);
  const rows = axisGeometry(height, size, stride, padding);
  const columns = axisGeometry(width, size, stride, padding);
  let from = 0;
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < rows.output; row++) {
      const [top, bottom] = windowEdges(row * stride - rows.before, size, height);
      for (let column = 0; column < columns.output; column++) {
        const [left, right] = windowEdges(column * stride - columns.before, size, width);
        for (let channel = 0; channel < channels; channel++, from++) {
          let best = -1;
          for (let h = top; h < bottom; h++) {
            for (let w = left; w < right; w++) {
              const at = ((image * height + h) * width + w) * channels + channel;
              if (best < 0 || x[at] > x[best]) best = at;
            }
          }
          dx[best] += dy[from];
        }
      }
    }
  }
  return dx;
}

/** The part of a window that lies inside the image: [first, end). */
function windowEdges(start: number, size: number, limit: number): [number, number] {
  return [Math.max(start, 0), Math.min(start + size, limit)];
}
