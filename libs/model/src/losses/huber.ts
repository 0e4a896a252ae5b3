import { z } from 'zod';
import { defineValueLoss } from './value-loss.js';

/**
 * Huber's loss with the threshold δ: e² / 2 up to |e| = δ, and δ · (|e| − δ / 2) beyond; its derivative
 * is e, clipped to [−δ, δ] (Huber, Robust estimation of a location parameter, 1964; PyTorch, `HuberLoss`).
 */
export const huber = defineValueLoss({
  name: 'huber',
  description: 'squared for small errors, absolute for large ones',
  schema: z.object({
    huberDelta: z
      .number('must be a number above 0')
      .positive('must be above 0')
      .default(1)
      .describe('error from which the loss is absolute and no longer squared'),
  }),
  of: (tf, errors, { huberDelta }) => {
    const clipped = tf.clipByValue(errors, -huberDelta, huberDelta);
    // clipped · (e − clipped / 2) is e² / 2 below the threshold and δ · (|e| − δ / 2) above it.
    const losses = tf.mul(clipped, tf.sub(errors, tf.mul(clipped, 0.5)));
    return { losses, derivative: clipped };
  },
});
