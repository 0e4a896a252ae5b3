import { z } from 'zod';

/** Settings of the readers of data that need not have a test set of their own. */
export const splitSettings = {
  testSplit: z
    .number()
    .gt(0, 'must be between 0 and 1')
    .lt(1, 'must be between 0 and 1')
    .optional()
    .describe('share of the samples to test on, where the data have no test set (default: 0.2)'),
  splitSeed: z
    .int('must be a whole number from 0')
    .nonnegative('must be a whole number from 0')
    .optional()
    .describe('seed of the choice of those samples (default: 0)'),
};

export type SplitSettings = z.infer<z.ZodObject<typeof splitSettings>>;
