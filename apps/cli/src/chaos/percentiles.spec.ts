import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile, spreadOf } from './percentiles.js';

const numbers = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('quantiles by nearest rank', () => {
  it('are those of the textbook', () => {
    const values = [15, 20, 35, 40, 50];
    const shares = [0, 0.05, 0.3, 0.4, 0.5, 1];
    expect(shares.map((each) => quantile(values, each))).toEqual([15, 15, 20, 20, 35, 50]);
    expect(quantile([], 0.5)).toBeUndefined();
    expect(spreadOf([])).toBeUndefined();
  });

  it('are values that at least the share does not exceed, and fewer are below', () => {
    fc.assert(
      fc.property(numbers, share, (values, each) => {
        const found = quantile(values, each) ?? NaN;
        expect(values).toContain(found);
        const rank = each * values.length;
        expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(rank);
        expect(values.filter((value) => value < found).length).toBeLessThanOrEqual(rank);
      }),
    );
  });

  it('rise with the share, whatever order the values have', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const { count, p50, p90, p99, max } = spreadOf([...values].reverse()) ?? {};
        expect(count).toBe(values.length);
        expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].sort((a = 0, b = 0) => a - b));
        expect(max).toBe(Math.max(...values));
        expect(spreadOf(values)).toEqual(spreadOf([...values].reverse()));
      }),
    );
  });
});
