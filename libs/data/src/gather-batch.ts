import type { Split } from './data-set.js';

/** Samples in the network's input form. */
export interface Batch {
  /** [count, height, width, channels], in [0, 1] */
  readonly images: Float32Array;
  /** [count] */
  readonly labels: Int32Array;
}

/** Pixel 0–255 → [0, 1], rounded to float32 once. */
const SCALED = Float32Array.from({ length: 256 }, (_, pixel) => pixel / 255);

/** Collects samples by index, in the order given, with pixels scaled from 0–255 to [0, 1]. */
export function gatherBatch(split: Split, indices: ArrayLike<number>): Batch {
  const imageSize = split.images.length / split.count;
  const images = new Float32Array(indices.length * imageSize);
  const labels = new Int32Array(indices.length);
  for (let i = 0, to = 0; i < indices.length; i++) {
    const index = indices[i];
    labels[i] = split.labels[index]!;
    const from = index * imageSize;
    for (let k = 0; k < imageSize; k++) images[to++] = SCALED[split.images[from + k]]!;
  }
  return { images, labels };
}
