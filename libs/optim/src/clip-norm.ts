import type { FactoredGradient, Gradient } from '@lockstep/core';

/** Values whose squares are added before their sum is added to the total. */
const CHUNK = 65_536;

/**
 * The factor by which a step's mean gradient is multiplied so that its global norm is at most
 * `clipNorm`: clipNorm / max(norm, clipNorm) (Pascanu, Mikolov & Bengio, On the difficulty of training
 * recurrent neural networks, ICML 2013, algorithm 1; as TensorFlow's `clip_by_global_norm`).
 *
 * @param gradient the reduced gradient, a sum over `batch` samples
 * @returns from 0 to 1; 1 exactly where the norm is not above `clipNorm`
 */
export function clipFactor(gradient: Gradient, batch: number, clipNorm: number): number {
  const norm = Math.sqrt(squareSum(gradient)) / batch;
  return norm > clipNorm ? clipNorm / norm : 1;
}

/**
 * The sum of the squares of all values of a gradient, in float64: first those of the dense entries,
 * chunk by chunk of their section, then those of each factored entry, in parameter order.
 */
export function squareSum(gradient: Gradient): number {
  let total = 0;
  let chunk = 0;
  let filled = 0;
  for (const entry of gradient) {
    if (entry.kind !== 'dense') continue;
    for (const value of entry.values) {
      chunk += value * value;
      filled += 1;
      if (filled < CHUNK) continue;
      total += chunk;
      chunk = filled = 0;
    }
  }
  total += chunk;
  for (const entry of gradient) if (entry.kind === 'factored') total += factoredSquareSum(entry);
  return total;
}

/**
 * ‖XᵀD‖² = trace(XXᵀ · DDᵀ) = Σᵢⱼ (xᵢ·xⱼ)(dᵢ·dⱼ) over the rows of X and D: exact but for rounding in
 * float64, and without the product XᵀD, which has more values than the factors.
 */
function factoredSquareSum({ rows, inputs, deltas }: FactoredGradient): number {
  const [inputSize, outputSize] = [inputs.length / rows, deltas.length / rows];
  let total = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      const alike = dot(deltas, i, j, outputSize);
      if (alike !== 0) total += 2 * alike * dot(inputs, i, j, inputSize);
    }
    total += dot(deltas, i, i, outputSize) * dot(inputs, i, i, inputSize);
  }
  // Rows that cancel may leave a rounding error below 0.
  return Math.max(0, total);
}

/** The scalar product of rows i and j of a matrix whose rows have `size` values. */
function dot(values: Float32Array, i: number, j: number, size: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += values[i * size + k] * values[j * size + k];
  return sum;
}
