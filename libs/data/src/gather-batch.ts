import type { Split } from './data-set.js';

/** Samples as the network receives them. */
export interface Batch {
  /** [count, …inputShape]; pixels in [0, 1] */
  readonly inputs: Float32Array;
  /** [count] class numbers, or [count, values] */
  readonly targets: Int32Array | Float32Array;
}

/** Pixel 0–255 → [0, 1], rounded to float32 once. */
const SCALED = Float32Array.from({ length: 256 }, (_, pixel) => pixel / 255);

/** Collects samples by index, in the order given; pixels are scaled from 0–255 to [0, 1]. */
export function gatherBatch({ count, inputs, targets }: Split, indices: ArrayLike<number>): Batch {
  return {
    inputs: gatherInputs(inputs, inputs.length / count, indices),
    targets: gatherTargets(targets, targets.length / count, indices),
  };
}

/** @param size values per sample */
function gatherInputs(
  inputs: Split['inputs'],
  size: number,
  indices: ArrayLike<number>,
): Float32Array {
  const gathered = new Float32Array(indices.length * size);
  for (let i = 0, to = 0; i < indices.length; i++, to += size) {
    const from = indices[i] * size;
    if (inputs instanceof Float32Array) gathered.set(inputs.subarray(from, from + size), to);
    else for (let k = 0; k < size; k++) gathered[to + k] = SCALED[inputs[from + k]];
  }
  return gathered;
}

/** @param size values per sample */
function gatherTargets(
  targets: Split['targets'],
  size: number,
  indices: ArrayLike<number>,
): Split['targets'] {
  const length = indices.length * size;
  const gathered =
    targets instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * size;
    gathered.set(targets.subarray(from, from + size), i * size);
  }
  return gathered;
}
