import { z } from 'zod';

/** Settings that several schedules have in common. */

export const warmupSteps = z
  .number('must be a whole number of at least 0')
  .int('must be a whole number of at least 0')
  .min(0, 'must be at least 0')
  .default(0)
  .describe('steps at the beginning over which the learning rate rises linearly; 0 for none');

export const finalFactor = z
  .number('must be a number from 0 to 1')
  .min(0, 'must be at least 0')
  .max(1, 'must be at most 1')
  .default(0)
  .describe('share of the learning rate that the last step has');
