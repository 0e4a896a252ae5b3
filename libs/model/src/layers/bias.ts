import { z } from 'zod';
import { addBias, biasGradient } from '../kernels/elementwise.js';
import { denseParameter, type Initial, type Layer } from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

/** Whether a layer has a bias. */
export const biasSwitch = z
  .boolean()
  .default(true)
  .describe('whether a bias is added; not needed before a normalisation');

/**
 * The parameters and operations of a layer with its bias after them, where it has one.
 *
 * @param units length of the bias
 */
export function withBias(
  tf: TensorFlow,
  { parameters, operations }: Pick<Layer, 'parameters' | 'operations'>,
  bias: { readonly used: boolean; readonly layer: string; units: number; initial: Initial },
): Pick<Layer, 'parameters' | 'operations'> {
  if (!bias.used) return { parameters, operations };
  const parameter = denseParameter(`${bias.layer}/biases`, [bias.units], bias.initial);
  return {
    parameters: [...parameters, parameter],
    operations: [...operations, { operation: biasOperation(tf), parameters: [parameters.length] }],
  };
}

/** Adds one value per channel. */
export const biasOperation = (tf: TensorFlow): Operation => ({
  monotone: true,
  forward(x, [bias]) {
    return {
      output: addBias(tf, x, bias),
      backward: (dy, wantInput) => ({
        ...(wantInput && { input: dy }),
        parameters: [{ kind: 'dense', values: biasGradient(tf, dy) }],
      }),
    };
  },
});
