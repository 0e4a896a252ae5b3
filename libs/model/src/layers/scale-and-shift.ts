import { z } from 'zod';
import { addBias, biasGradient } from '../kernels/elementwise.js';
import { denseParameter, type Layer, type LayerOperation, type ModelParameter } from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

/** Keeps the division defined where the variance is 0. */
export const epsilonSetting = z
  .number()
  .gt(0, 'must be above 0')
  .lte(1)
  .default(0.001)
  .describe('added to the variance before its root is taken');

/**
 * A normalising operation, then γ · x + β per channel, with γ = 1 and β = 0 at first.
 *
 * @param channels length of the input's last axis
 */
export function normalised(
  tf: TensorFlow,
  operation: LayerOperation,
  layer: string,
  channels: number,
): Pick<Layer, 'parameters' | 'operations'> {
  const parameter = (name: string, value: number): ModelParameter =>
    denseParameter(`${layer}/${name}`, [channels], { kind: 'constant', value });
  return {
    parameters: [parameter('gamma', 1), parameter('beta', 0)],
    operations: [operation, { operation: scaleAndShift(tf), parameters: [0, 1] }],
  };
}

const scaleAndShift = (tf: TensorFlow): Operation => ({
  monotone: false,
  forward(x, [gamma, beta]) {
    return {
      output: addBias(tf, tf.mul(x, gamma), beta),
      backward: (dy, wantInput) => ({
        ...(wantInput && { input: tf.mul(dy, gamma) }),
        parameters: [
          { kind: 'dense', values: biasGradient(tf, tf.mul(dy, x)) },
          { kind: 'dense', values: biasGradient(tf, dy) },
        ],
      }),
    };
  },
});
