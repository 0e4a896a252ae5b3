import { z } from 'zod';
import { affine } from './affine.js';
import { defineAugmentation } from './augmentation.js';

const HALF_TURN = 180;

/** Turns pictures around their middle. */
export const rotate = defineAugmentation({
  name: 'rotate',
  description: 'turned by up to so many degrees, in both directions',
  schema: z.object({
    degrees: z
      .number('must be a number above 0, at most 45')
      .gt(0, 'must be above 0')
      .max(45, 'must be at most 45')
      .default(10)
      .describe('largest angle in each direction'),
  }),
  make: ({ degrees }) =>
    affine(({ height, width }, [draw]) => {
      const { sine, cosine } = sineAndCosine(((2 * draw - 1) * degrees * Math.PI) / HALF_TURN);
      const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2];
      return {
        rowAt: middleRow - middleRow * cosine - middleColumn * sine,
        ...{ rowByRow: cosine, rowByColumn: sine },
        columnAt: middleColumn - middleColumn * cosine + middleRow * sine,
        ...{ columnByRow: -sine, columnByColumn: cosine },
      };
    }),
});

/** Terms of the series; for angles up to π/4 the rest is below 1e-13. */
const TERMS = 7;

/**
 * Sine and cosine by their Taylor series, since engines round `Math.sin` and `Math.cos` differently.
 *
 * @param angle in radians, at most π/4 in size
 */
export function sineAndCosine(angle: number): { readonly sine: number; readonly cosine: number } {
  const square = angle * angle;
  let [sine, cosine, sineTerm, cosineTerm] = [angle, 1, angle, 1];
  for (let n = 1; n <= TERMS; n++) {
    cosineTerm *= -square / ((2 * n - 1) * (2 * n));
    sineTerm *= -square / (2 * n * (2 * n + 1));
    cosine += cosineTerm;
    sine += sineTerm;
  }
  return { sine, cosine };
}
