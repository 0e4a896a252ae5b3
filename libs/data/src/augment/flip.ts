import { z } from 'zod';
import { defineAugmentation } from './augmentation.js';
import { moving } from './place-at.js';

/** Mirrors every second picture, on average, from left to right. */
export const flip = defineAugmentation({
  name: 'flip',
  description: 'mirrored from left to right, or not',
  schema: z.object({}),
  make: () =>
    moving(({ width }, [draw]) => {
      const isMirrored = draw < 0.5;
      return (place, row, column) => {
        place.row = row;
        place.column = isMirrored ? width - 1 - column : column;
      };
    }),
});
