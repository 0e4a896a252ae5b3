import { z } from 'zod';
import { defineSchedule } from './schedule.js';

const decayEvery = z
  .number('must be a whole number of at least 1')
  .int('must be a whole number of at least 1')
  .min(1, 'must be at least 1')
  .default(1000)
  .describe('steps after which the learning rate is multiplied by the decay factor, each time');

const decayFactor = z
  .number('must be a number above 0 and at most 1')
  .gt(0, 'must be above 0')
  .max(1, 'must be at most 1')
  .default(0.1)
  .describe('what the learning rate is multiplied by');

/** Step decay, as PyTorch's `StepLR`: decayFactor^⌊(step − 1) / decayEvery⌋. */
export const step = defineSchedule({
  name: 'step',
  description: 'multiplied by a factor after every so many steps',
  schema: z.object({ decayEvery, decayFactor }),
  make:
    ({ decayEvery, decayFactor }) =>
    (step) => {
      let factor = 1;
      // Products, since `**` may round otherwise in another JavaScript engine.
      for (let decayed = decayEvery; decayed < step; decayed += decayEvery) factor *= decayFactor;
      return factor;
    },
});
