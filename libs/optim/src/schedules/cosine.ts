import { z } from 'zod';
import { halfCosine } from './half-cosine.js';
import { defineSchedule, finalFactor } from './schedule.js';

/**
 * Half a cosine, down to `finalFactor` × the learning rate at the last step (Loshchilov & Hutter,
 * SGDR, arXiv:1608.03983, without restarts).
 */
export const cosine = defineSchedule({
  name: 'cosine',
  description: 'falls along half a cosine until the last step',
  schema: z.object({ finalFactor }),
  make:
    ({ finalFactor }) =>
    (step, steps) =>
      finalFactor + (1 - finalFactor) * halfCosine(step / steps),
});
