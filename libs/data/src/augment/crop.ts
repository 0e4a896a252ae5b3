import { LockstepError } from '@lockstep/core';
import { z } from 'zod';
import { affine, IDENTITY } from './affine.js';
import { defineAugmentation } from './augmentation.js';

/** Cuts pixels off at random sides and enlarges the rest to the size of the picture. */
export const crop = defineAugmentation({
  name: 'crop',
  description: 'cut by up to so many pixels of height and width, the rest enlarged',
  schema: z.object({
    pixels: z
      .int('must be a whole number of at least 1')
      .min(1, 'must be at least 1')
      .default(4)
      .describe('most rows and columns to cut off'),
  }),
  make: ({ pixels }) =>
    affine(({ height, width }, [size, along, across]) => {
      if (pixels >= Math.min(height, width)) {
        throw new LockstepError('bad-option', `--augment crop:${pixels} leaves nothing`, {
          remedy: `the pictures have ${height} rows and ${width} columns: cut off fewer`,
        });
      }
      const cut = size * pixels;
      return {
        ...IDENTITY,
        ...{ rowAt: along * cut, rowByRow: stepOf(height, cut) },
        ...{ columnAt: across * cut, columnByColumn: stepOf(width, cut) },
      };
    }),
});

/** Distance in the original between neighbours in the enlarged rest. */
function stepOf(size: number, cut: number): number {
  return size === 1 ? 0 : (size - 1 - cut) / (size - 1);
}
