import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receptiveRegion } from './receptive-field.js';

const axis = fc.record({
  size: fc.integer({ min: 1, max: 40 }),
  stride: fc.integer({ min: 1, max: 8 }),
  offset: fc.integer({ min: -20, max: 0 }),
});
const picture = { width: 28, height: 20 };

describe('receptiveRegion', () => {
  it('is the field where that lies within the picture', () => {
    const rows = { size: 4, stride: 2, offset: 0 };
    const columns = { size: 7, stride: 7, offset: 0 };
    expect(receptiveRegion({ rows, columns }, { row: 3, column: 1 }, picture)).toEqual({
      ...{ left: 0.25, width: 0.25, top: 0.3, height: 0.2 },
    });
  });

  it('never leaves the picture', () => {
    fc.assert(
      fc.property(axis, axis, fc.nat(60), fc.nat(60), (rows, columns, row, column) => {
        const part = receptiveRegion({ rows, columns }, { row, column }, picture);
        for (const [from, length] of [
          [part.left, part.width],
          [part.top, part.height],
        ] as const) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(length).toBeGreaterThanOrEqual(0);
          expect(from + length).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });
});
