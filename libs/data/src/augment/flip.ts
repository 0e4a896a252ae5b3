import { z } from 'zod';
import { affine, IDENTITY } from './affine.js';
import { defineAugmentation } from './augmentation.js';

/** Mirrors every second picture, on average, from left to right. */
export const flip = defineAugmentation({
  name: 'flip',
  description: 'mirrored from left to right, or not',
  schema: z.object({}),
  make: () =>
    affine(({ width }, [draw]) =>
      draw < 0.5 ? { ...IDENTITY, columnAt: width - 1, columnByColumn: -1 } : IDENTITY,
    ),
});
