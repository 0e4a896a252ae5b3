import { z } from 'zod';
import { defineValueLoss } from './value-loss.js';

/** Mean absolute error: |e|, with the derivative sign(e), 0 where e is 0 (PyTorch, `L1Loss`). */
export const meanAbsolute = defineValueLoss({
  name: 'mean-absolute',
  description: 'mean of the absolute errors',
  schema: z.object({}),
  of: (tf, errors) => ({ losses: tf.abs(errors), derivative: tf.sign(errors) }),
});
