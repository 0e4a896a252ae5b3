import type { Initialisation } from '@lockstep/core';
import type { Initial } from './layer.js';

/** The deviation of a standard normal distribution that is cut at two deviations. */
const CUT_DEVIATION = 0.8796256610342398;

/**
 * How the weights and biases of a layer begin.
 *
 * @param fanIn number of inputs of one unit
 */
export function initialFor(
  initialisation: Initialisation,
  fanIn: number,
): { readonly weights: Initial; readonly biases: Initial } {
  if (initialisation === 'tutorial') {
    return {
      weights: { kind: 'truncated-normal', deviation: 0.1 },
      biases: { kind: 'constant', value: 0.1 },
    };
  }
  return {
    weights: { kind: 'truncated-normal', deviation: Math.sqrt(2 / fanIn) / CUT_DEVIATION },
    biases: { kind: 'constant', value: 0 },
  };
}
