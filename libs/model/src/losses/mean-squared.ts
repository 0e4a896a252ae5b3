import { z } from 'zod';
import { defineValueLoss } from './value-loss.js';

/** Mean squared error: e², with the derivative 2 · e (PyTorch, `MSELoss`). */
export const meanSquared = defineValueLoss({
  name: 'mean-squared',
  description: 'mean of the squared errors',
  schema: z.object({}),
  of: (tf, errors) => ({ losses: tf.square(errors), derivative: tf.mul(errors, 2) }),
});
