import { fillRandom, RandomPurpose, sizeOf } from '@lockstep/core';
import { inverseNormal } from './inverse-normal.js';
import type { Model } from './model.js';

/** Φ(−2): the share of a normal distribution below two deviations. */
const CUT = 0.022750131948179207;

/**
 * The initial weights of a run, one array per parameter, in parameter order. A pure function of the
 * parameter's place, shape and initialisation, and the seed; the same bits on every machine.
 */
export function initialWeights(model: Pick<Model, 'parameters'>, seed: number): Float32Array[] {
  return model.parameters.map(({ shape, initial }, index) => {
    const size = sizeOf(shape);
    if (initial.kind === 'constant') return new Float32Array(size).fill(initial.value);
    return truncatedNormal(seed, index, size, initial.deviation);
  });
}

/**
 * Normal values, redrawn beyond two deviations, by inversion: a uniform number of [Φ(−2), Φ(2)] put
 * through Φ⁻¹ has exactly the distribution that redrawing has.
 */
export function truncatedNormal(
  seed: number,
  parameter: number,
  size: number,
  deviation: number,
): Float32Array {
  const key = { seed, purpose: RandomPurpose.initialWeights, a: parameter };
  const words = fillRandom(key, new Uint32Array(size));
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const uniform = (words[i] + 0.5) / 0x1_0000_0000;
    values[i] = deviation * inverseNormal(CUT + (1 - 2 * CUT) * uniform);
  }
  return values;
}
