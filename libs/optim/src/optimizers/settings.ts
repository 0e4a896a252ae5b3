import { z } from 'zod';

/** Settings that several optimizers have in common. */

export const learningRate = z
  .number('must be a number above 0')
  .positive('must be above 0')
  .default(0.03)
  .describe('highest learning rate of the schedule');

export const momentum = z
  .number('must be a number from 0 and below 1')
  .min(0, 'must be at least 0')
  .lt(1, 'must be below 1')
  .default(0.9)
  .describe('share of the velocity that is kept in each step; 0 for none');
