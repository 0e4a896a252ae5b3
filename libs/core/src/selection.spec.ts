import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestOf, endsEarly, type Measured } from './selection.js';

const history = (values: readonly number[]): Measured[] =>
  values.map((value, index) => ({ version: 10 * (index + 1), value }));

describe('the best evaluation', () => {
  it('is the earliest of the highest, or of the lowest; NaN is none', () => {
    expect(bestOf(history([0.1, 0.5, 0.5, 0.2]), 'higher')?.version).toBe(20);
    expect(bestOf(history([3, 1, 2, 1]), 'lower')?.version).toBe(20);
    expect(bestOf(history([NaN, 0.1]), 'higher')?.version).toBe(20);
    expect(bestOf(history([NaN]), 'lower')).toBeUndefined();
  });

  it('does not depend on the order in which evaluations are known', () => {
    const values = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1 });
    const mixed = values.map(history).chain((measured) =>
      fc.record({
        measured: fc.constant(measured),
        shuffled: fc.shuffledSubarray(measured, { minLength: measured.length }),
      }),
    );
    fc.assert(
      fc.property(mixed, ({ measured, shuffled }) => {
        expect(bestOf(shuffled, 'higher')).toEqual(bestOf(measured, 'higher'));
      }),
    );
  });
});

describe('early stopping', () => {
  it('ends a run at the first evaluation after which the last N were no better', () => {
    const values = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 4 }), (found, patience) => {
        let [best, without] = [-Infinity, 0];
        const expected = found.findIndex((value) => {
          without = value > best ? 0 : without + 1;
          best = Math.max(best, value);
          return without >= patience;
        });
        const ended = found.findIndex((_, index) =>
          endsEarly(history(found.slice(0, index + 1)), 'higher', patience),
        );
        expect(ended).toBe(expected);
      }),
    );
  });

  it('counts anew after the step at which a run was extended', () => {
    const measured = history([0.5, 0.4, 0.4]);
    expect(endsEarly(measured, 'higher', 2)).toBe(true);
    expect(endsEarly(measured, 'higher', 2, 30)).toBe(false);
    expect(endsEarly(history([0.5, 0.4, 0.4, 0.4, 0.4]), 'higher', 2, 30)).toBe(true);
  });
});
