import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramOf } from './histogram.js';

const values = fc.array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });

describe('histogramOf', () => {
  it('counts every value once, between the smallest and the largest', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 80 }), (numbers, bins) => {
        const { low, high, counts, mean } = histogramOf(Float32Array.from(numbers), bins);
        expect(counts).toHaveLength(bins);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(numbers.length);
        expect([low, high]).toEqual([
          numbers.reduce((a, b) => Math.min(a, b)),
          numbers.reduce((a, b) => Math.max(a, b)),
        ]);
        expect(mean).toBeGreaterThanOrEqual(low - 1e-6 * Math.abs(low));
        expect(mean).toBeLessThanOrEqual(high + 1e-6 * Math.abs(high));
      }),
    );
  });

  it('puts values where they belong', () => {
    const { counts, mean, deviation } = histogramOf(Float32Array.of(0, 1, 1, 2, 4), 4);
    expect(counts).toEqual([1, 2, 1, 1]);
    expect(mean).toBeCloseTo(1.6);
    expect(deviation).toBeCloseTo(Math.sqrt(1.84));
  });

  it('leaves out what is no finite number', () => {
    expect(histogramOf(Float32Array.of(NaN, Infinity, 3), 2)).toMatchObject({
      ...{ low: 3, high: 3, counts: [1, 0], mean: 3, deviation: 0 },
    });
    expect(histogramOf(Float32Array.of(NaN), 2).counts).toEqual([0, 0]);
  });
});
