import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inkPalette, signedPalette } from './palette.js';

const colourOf = (palette: Uint8ClampedArray, level: number): number[] => [
  ...palette.subarray(4 * level, 4 * level + 4),
];

describe('palettes', () => {
  it('are opaque and go from paper to ink', () => {
    for (const isDark of [false, true]) {
      const palette = inkPalette(isDark);
      expect(palette).toHaveLength(1024);
      expect(palette.every((value, n) => n % 4 !== 3 || value === 255)).toBe(true);
      expect(colourOf(palette, 0)).not.toEqual(colourOf(palette, 255));
    }
  });

  it('give 0 the same colour for any range, and negative values another tint than positive ones', () => {
    const range = fc.record({
      low: fc.double({ min: -100, max: -0.01, noNaN: true }),
      high: fc.double({ min: 0.01, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(range, fc.boolean(), ({ low, high }, isDark) => {
        const palette = signedPalette({ low, high }, isDark);
        const most = Math.max(-low, high);
        const end = low === -most ? 0 : 255;
        const other = colourOf(signedPalette({ low: -high, high: -low }, isDark), 255 - end);
        expect(colourOf(palette, end)).not.toEqual(other);
        const zero = colourOf(signedPalette({ low: 0, high: 0 }, isDark), 0);
        const positive = signedPalette({ low: 0, high }, isDark);
        expect(colourOf(positive, 0)).toEqual(zero);
      }),
    );
  });
});
