import { z } from 'zod';
import { splitSettings } from '../split/split-settings.js';

/** Order of a picture's dimensions, for readers of arrays. */
export const channelsSetting = z
  .enum(['first', 'last'], 'must be first or last')
  .optional()
  .describe(
    'whether arrays of pictures are [n, channels, h, w] (first) or [n, h, w, channels] (last)',
  );

/** Settings of the reader of NumPy's arrays. */
export const arraySchema = z.strictObject({
  inputs: z
    .string()
    .min(1, 'must name an array')
    .optional()
    .describe(
      'name of the array of inputs, or TRAIN,TEST (default: the usual names, such as x_train)',
    ),
  targets: z
    .string()
    .min(1, 'must name an array')
    .optional()
    .describe(
      'name of the array of targets, or TRAIN,TEST (default: the usual names, such as y_train)',
    ),
  channels: channelsSetting,
  ...splitSettings,
});

export type ArraySettings = z.infer<typeof arraySchema>;
