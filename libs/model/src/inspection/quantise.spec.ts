import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantise } from './quantise.js';

const most = Math.fround(1e30);
const value = fc.float({ min: -most, max: most, noNaN: true });

describe('quantise', () => {
  it('is off by half a level at most', () => {
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const { low, high, levels } = quantise(values);
        const half = (high - low) / 510;
        values.forEach((each, i) => {
          const back = low + (levels[i] / 255) * (high - low);
          expect(Math.abs(back - each)).toBeLessThanOrEqual(half * (1 + 1e-9));
        });
      }),
    );
  });

  it('gives 0 the same level wherever it stands', () => {
    const { low, high, levels } = quantise([-1, 0, 3, 0]);
    expect([low, high]).toEqual([-1, 3]);
    expect([...levels]).toEqual([0, 64, 255, 64]);
  });

  it('takes what is no number for 0, and equal values for themselves', () => {
    expect([...quantise([NaN, Infinity, -Infinity, 2]).levels]).toEqual([0, 0, 0, 255]);
    expect(quantise([0, 0])).toEqual({ low: 0, high: 0, levels: new Uint8Array(2) });
    expect(quantise([])).toEqual({ low: 0, high: 0, levels: new Uint8Array(0) });
  });
});
