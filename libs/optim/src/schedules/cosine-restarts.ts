import { z } from 'zod';
import { halfCosine } from './half-cosine.js';
import { defineSchedule, finalFactor } from './schedule.js';

const restartEvery = z
  .number('must be a whole number of at least 1')
  .int('must be a whole number of at least 1')
  .min(1, 'must be at least 1')
  .default(1000)
  .describe('steps of the first cycle, after which the learning rate is at its highest again');

const cycleFactor = z
  .number('must be a whole number of at least 1')
  .int('must be a whole number of at least 1')
  .min(1, 'must be at least 1')
  .default(1)
  .describe('how many times as long as the previous cycle each cycle is');

/**
 * Half a cosine that starts again (Loshchilov & Hutter, SGDR, arXiv:1608.03983, eq. 5, with T₀ =
 * restartEvery and T_mult = cycleFactor; as PyTorch's `CosineAnnealingWarmRestarts`). The first step
 * of each cycle has the full learning rate. The run's length has no influence.
 */
export const cosineRestarts = defineSchedule({
  name: 'cosine-restarts',
  description: 'falls along half a cosine, again and again',
  schema: z.object({ finalFactor, restartEvery, cycleFactor }),
  make:
    ({ finalFactor, restartEvery, cycleFactor }) =>
    (step) => {
      const { done, length } = cycleAt(step - 1, restartEvery, cycleFactor);
      return finalFactor + (1 - finalFactor) * halfCosine(done / length);
    },
});

/** The cycle that follows `steps` steps: how many of its steps are done, and how many it has. */
function cycleAt(steps: number, first: number, factor: number): { done: number; length: number } {
  if (factor === 1) return { done: steps % first, length: first };
  let [done, length] = [steps, first];
  while (done >= length) {
    done -= length;
    length *= factor;
  }
  return { done, length };
}
