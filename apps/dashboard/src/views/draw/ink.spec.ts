import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankInk, drawLine, inkFrom, isBlank } from './ink.js';

const place = fc.record({
  x: fc.double({ min: -5, max: 45, noNaN: true }),
  y: fc.double({ min: -5, max: 35, noNaN: true }),
});
const radius = fc.double({ min: 0.5, max: 8, noNaN: true });

describe('ink', () => {
  it('covers the pen’s path, and nothing out of its reach', () => {
    fc.assert(
      fc.property(place, place, radius, (from, to, pen) => {
        const { levels, width } = drawLine(blankInk(40, 30), from, to, pen);
        const wrong = [...levels.keys()].filter((at) => {
          const [x, y] = [(at % width) + 0.5, Math.floor(at / width) + 0.5];
          let nearest = Infinity;
          for (let n = 0; n <= 200; n++) {
            const onLine = {
              x: from.x + (n / 200) * (to.x - from.x),
              y: from.y + (n / 200) * (to.y - from.y),
            };
            nearest = Math.min(nearest, Math.hypot(x - onLine.x, y - onLine.y));
          }
          if (nearest <= pen - 0.5) return levels[at] !== 255;
          return nearest >= pen + 0.75 && levels[at] !== 0;
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('is never taken away by more of it, and leaves the sheet before as it was', () => {
    fc.assert(
      fc.property(place, place, place, radius, (a, b, c, pen) => {
        const before = drawLine(blankInk(40, 30), a, b, pen);
        const copy = before.levels.slice();
        const after = drawLine(before, b, c, pen);
        expect(before.levels).toEqual(copy);
        expect(after.levels.every((level, at) => level >= copy[at])).toBe(true);
      }),
    );
  });

  it('takes a picture block by block', () => {
    const ink = inkFrom([0, 200, 10, 0], 2, 2, 3);
    expect([ink.width, ink.height]).toEqual([6, 6]);
    expect([...ink.levels.subarray(0, 6)]).toEqual([0, 0, 0, 200, 200, 200]);
    expect(ink.levels[3 * 6]).toBe(10);
    expect([isBlank(ink), isBlank(blankInk(3, 3))]).toEqual([false, true]);
  });
});
