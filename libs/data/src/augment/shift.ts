import { z } from 'zod';
import { affine, IDENTITY } from './affine.js';
import { defineAugmentation } from './augmentation.js';

/** Moves pictures by whole pixels in both directions. */
export const shift = defineAugmentation({
  name: 'shift',
  description: 'moved by up to so many whole pixels, in both directions',
  schema: z.object({
    pixels: z
      .int('must be a whole number of at least 1')
      .min(1, 'must be at least 1')
      .default(2)
      .describe('largest distance in each direction'),
  }),
  make: ({ pixels }) => {
    const distance = (draw: number): number => Math.floor(draw * (2 * pixels + 1)) - pixels;
    return affine((_, [across, along]) => ({
      ...IDENTITY,
      rowAt: distance(along),
      columnAt: distance(across),
    }));
  },
});
