import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median } from './statistics.js';

describe('median', () => {
  it('is the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([7])).toBe(7);
    expect(median([])).toBeNaN();
  });

  it('has as many below as above, whatever the order', () => {
    const numbers = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, (values) => {
        const middle = median(values);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        return Math.max(below, above) <= values.length / 2;
      }),
    );
  });
});
