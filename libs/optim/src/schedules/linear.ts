import { z } from 'zod';
import { defineSchedule, finalFactor } from './schedule.js';

/** Falls in a line, to `finalFactor` × the learning rate at the last step. */
export const linear = defineSchedule({
  name: 'linear',
  description: 'falls linearly until the last step',
  schema: z.object({ finalFactor }),
  make:
    ({ finalFactor }) =>
    (step, steps) =>
      finalFactor + (1 - finalFactor) * (1 - step / steps),
});
