import { z } from 'zod';
import type { DatasetDefinition, SplitDefinition } from './define-dataset.js';
import { dataInvalid } from './data-invalid.js';

/** Most dimensions of a sample. */
const MOST_DIMENSIONS = 6;
/** Labels are at most 65,535. */
const MOST_CLASSES = 65_536;
const MOST_SAMPLES = 2 ** 31 - 1;

const size = z.int().min(1);
const isCount = (count: unknown): boolean => size.max(MOST_SAMPLES).safeParse(count).success;

/** Kept as it is, since `read` may use `this`. */
const split = z.custom<SplitDefinition>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    'count' in value &&
    'read' in value &&
    isCount(value.count) &&
    typeof value.read === 'function',
  'expected { count, read(from, to) }, with a count from 1 and a function that reads samples',
);

const definition: z.ZodType<DatasetDefinition> = z.strictObject({
  inputShape: z.array(size).min(1).max(MOST_DIMENSIONS),
  target: z.union(
    [
      z.strictObject({ classes: z.int().min(2).max(MOST_CLASSES) }),
      z.strictObject({ values: z.int().min(1).max(MOST_CLASSES) }),
    ],
    `expected { classes: 2 to ${MOST_CLASSES} } or { values: 1 or more }`,
  ),
  train: split,
  test: split,
});

/**
 * Checks what a data module exports.
 *
 * @throws LockstepError `data-invalid` with every field that is wrong
 */
export function parseDefinition(exported: unknown, file: string): DatasetDefinition {
  const result = definition.safeParse(exported);
  if (result.success) return result.data;
  const wrong = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw dataInvalid(file, wrong.join('; '), {
    remedy:
      'Export `defineDataset({ inputShape, target, train: { count, read }, test: { count, read } })`.',
  });
}
