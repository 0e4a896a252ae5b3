import { z } from 'zod';
import { defineAugmentation } from './augmentation.js';
import { moving } from './place-at.js';

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
    return moving((_, [across, along]) => {
      const [columns, rows] = [distance(across), distance(along)];
      return (place, row, column) => {
        place.row = row + rows;
        place.column = column + columns;
      };
    });
  },
});
