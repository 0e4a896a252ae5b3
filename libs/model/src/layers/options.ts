import { z } from 'zod';

/** A number of things, at least one, and no more than any tensor here could hold. */
export const wholeNumber = z.int().min(1).max(0x7fffffff);

/** A layer's own name, for its parameters; by default its kind and number, such as `conv1`. */
export const layerName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
    'must begin with a letter and hold only letters, digits, - and _',
  )
  .optional();
