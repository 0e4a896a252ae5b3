import { z } from 'zod';
import { splitSettings } from '../split/split-settings.js';

/** Settings of the reader of tables. */
export const tableSettings = z.strictObject({
  target: z
    .string()
    .min(1, 'must be a column')
    .optional()
    .describe(
      'column of the target: its name, or its number from 1 (default: the only one named label, class, target or y, else the last)',
    ),
  task: z
    .enum(['auto', 'classes', 'values'], 'must be auto, classes or values')
    .optional()
    .describe('classes, values (a regression), or auto: what the target is (default: auto)'),
  header: z
    .enum(['auto', 'yes', 'no'], 'must be auto, yes or no')
    .optional()
    .describe(
      'yes, no or auto: whether the first row of a table names the columns (default: auto)',
    ),
  delimiter: z
    .string()
    .regex(/^([^\s"\\\w.]|tab)$/, 'must be one character such as ; or |, or the word tab')
    .optional()
    .describe('what separates the cells of a table (default: by the first row)'),
  ignoreColumns: z
    .string()
    .min(1, 'must name columns')
    .optional()
    .describe('columns to leave out: names or numbers, separated by commas'),
  shape: z
    .array(z.int('must be whole numbers from 1').positive('must be whole numbers from 1'))
    .min(1, 'must have a dimension')
    .max(4, 'must have at most 4 dimensions')
    .optional()
    .describe('shape of a sample of a table, such as 28,28,1 for columns of pixels'),
  scale: z
    .enum(['standard', 'none'], 'must be standard or none')
    .optional()
    .describe(
      'standard: columns of numbers get mean 0 and deviation 1 over the training samples; none: as they are (default: standard; none for pixels)',
    ),
  ...splitSettings,
});

export type TableSettings = z.infer<typeof tableSettings>;
