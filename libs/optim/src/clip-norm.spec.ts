import type { Gradient } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipFactor, squareSum } from './clip-norm.js';

const floats = (length: number): fc.Arbitrary<Float32Array> =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -8, max: 8 });

const gradients = fc.integer({ min: 1, max: 5 }).chain((rows) =>
  fc
    .tuple(floats(4), floats(rows * 3), floats(rows * 2), floats(2))
    .map(([w, inputs, deltas, b]): Gradient => [
      { kind: 'dense', values: w },
      { kind: 'factored', rows, inputs, deltas },
      { kind: 'dense', values: b },
    ]),
);

/** All values of a gradient, factored entries multiplied out in float64. */
function valuesOf(gradient: Gradient): number[] {
  return gradient.flatMap((entry) => {
    if (entry.kind === 'dense') return [...entry.values];
    const { rows, inputs, deltas } = entry;
    return Array.from({ length: 6 }, (_, at) => {
      const terms = Array.from({ length: rows }, (_row, row) => {
        return inputs[row * 3 + Math.floor(at / 2)] * deltas[row * 2 + (at % 2)];
      });
      return terms.reduce((sum, term) => sum + term, 0);
    });
  });
}

const normOf = (values: readonly number[]): number => Math.hypot(...values);

describe('clipFactor', () => {
  it('scales the mean gradient to the norm where it is longer, and else changes nothing', () => {
    fc.assert(
      fc.property(gradients, fc.double({ min: 0.01, max: 50, noNaN: true }), (gradient, most) => {
        const norm = normOf(valuesOf(gradient)) / 4;
        const factor = clipFactor(gradient, 4, most);
        expect(factor * norm).toBeCloseTo(Math.min(norm, most), 9);
        if (norm < most * 0.999) expect(factor).toBe(1);
      }),
    );
  });

  it('sees a factored gradient as its product', () => {
    fc.assert(
      fc.property(gradients, (gradient) => {
        const product: Gradient = [
          { kind: 'dense', values: Float32Array.from(valuesOf(gradient)) },
        ];
        expect(Math.sqrt(squareSum(gradient))).toBeCloseTo(Math.sqrt(squareSum(product)), 3);
      }),
    );
  });

  it('adds the squares chunk by chunk of 65,536 values of the dense section', () => {
    const values = Float32Array.from({ length: 200_000 }, (_, i) => 1 / (1 + (i % 977)));
    const whole = squareSum([{ kind: 'dense', values }]);
    const squares = (from: number): number =>
      values.subarray(from, from + 65_536).reduce((sum, value) => sum + value * value, 0);
    const expected = [0, 65_536, 131_072, 196_608].reduce((sum, from) => sum + squares(from), 0);
    expect(whole).toBe(expected);
    // Where parameters begin and end makes no difference.
    const parts = [0, 1000, 130_000].map((from, i, all) => values.subarray(from, all[i + 1]));
    expect(squareSum(parts.map((part) => ({ kind: 'dense', values: part })))).toBe(whole);
  });
});
