import type { Initialisation } from '@lockstep/core';
import { z } from 'zod';
import type { Initial } from './layer.js';

/** The deviation of a standard normal distribution that is cut at two deviations. */
const CUT_DEVIATION = 0.8796256610342398;

/**
 * How a layer's weights begin. All but `zeros` are truncated normal; the variances are those of He et al.
 * (arXiv:1502.01852), Glorot & Bengio (AISTATS 2010) and LeCun et al. ("Efficient BackProp", 1998).
 */
export const initialiser = z
  .enum(['he', 'glorot', 'lecun', 'zeros'])
  .optional()
  .describe(
    'initial weights: variance 2 / fan-in, 2 / (fan-in + fan-out), 1 / fan-in, or all 0; by default `he`',
  );

/** A layer's `initialiser`; absent for the model's own initialisation. */
export type Initialiser = z.output<typeof initialiser>;

/** Inputs and outputs of one unit. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** How the weights and biases of a layer begin. */
export function initialFor(
  initialisation: Initialisation,
  { fanIn, fanOut }: Fans,
  own?: Initialiser,
): { readonly weights: Initial; readonly biases: Initial } {
  if (own === undefined && initialisation === 'tutorial') {
    return {
      weights: { kind: 'truncated-normal', deviation: 0.1 },
      biases: { kind: 'constant', value: 0.1 },
    };
  }
  const zero: Initial = { kind: 'constant', value: 0 };
  if (own === 'zeros') return { weights: zero, biases: zero };
  const variance = { he: 2 / fanIn, glorot: 2 / (fanIn + fanOut), lecun: 1 / fanIn }[own ?? 'he'];
  const deviation = Math.sqrt(variance) / CUT_DEVIATION;
  return { weights: { kind: 'truncated-normal', deviation }, biases: zero };
}
