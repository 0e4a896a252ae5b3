import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centreDrawing } from './centre-drawing.js';
import { blankInk, drawLine, type Ink, type Point } from './ink.js';

const SIDE = 140;
const point = fc.record({
  x: fc.integer({ min: 30, max: 110 }),
  y: fc.integer({ min: 30, max: 110 }),
});
const drawing = fc.array(point, { minLength: 2, maxLength: 6 });

function draw(points: readonly Point[], by: Point = { x: 0, y: 0 }): Ink {
  let ink = blankInk(SIDE, SIDE);
  const moved = points.map(({ x, y }) => ({ x: x + by.x, y: y + by.y }));
  for (let n = 1; n < moved.length; n++) ink = drawLine(ink, moved[n - 1], moved[n], 5.5);
  return ink;
}

function centreOf(picture: Uint8Array, width: number): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  picture.forEach((level, at) => {
    mass += level;
    x += level * ((at % width) + 0.5);
    y += level * (Math.floor(at / width) + 0.5);
  });
  return [x / mass, y / mass];
}

describe('centreDrawing', () => {
  it('gives a blank picture for a blank sheet', () => {
    expect(centreDrawing(blankInk(SIDE, SIDE), 28, 28)).toEqual(new Uint8Array(784));
  });

  it('gives the same image for any position of the drawing', () => {
    const by = fc.record({
      x: fc.integer({ min: -20, max: 20 }),
      y: fc.integer({ min: -20, max: 20 }),
    });
    fc.assert(
      fc.property(drawing, by, (points, moved) => {
        expect(centreDrawing(draw(points, moved), 28, 28)).toEqual(
          centreDrawing(draw(points), 28, 28),
        );
      }),
    );
  });

  it('fits a drawing of any size into 20 pixels, with its mass in the middle', () => {
    fc.assert(
      fc.property(drawing, (points) => {
        const picture = centreDrawing(draw(points), 28, 28);
        const lit = [...picture.keys()].filter((at) => picture[at] > 0);
        const columns = lit.map((at) => at % 28);
        const rows = lit.map((at) => Math.floor(at / 28));
        const width = Math.max(...columns) - Math.min(...columns) + 1;
        const height = Math.max(...rows) - Math.min(...rows) + 1;
        expect(Math.max(width, height)).toBeLessThanOrEqual(20);
        expect(Math.max(width, height)).toBeGreaterThanOrEqual(19);
        const touches = [...columns, ...rows].some((at) => at === 0 || at === 27);
        for (const middle of centreOf(picture, 28)) {
          // by whole pixels, so half a pixel off at most, unless the picture's edge is in the way
          if (!touches) expect(Math.abs(middle - 14)).toBeLessThanOrEqual(0.51);
        }
      }),
    );
  });

  it('keeps the proportions: a tall stroke stays thin', () => {
    const picture = centreDrawing(
      draw([
        { x: 70, y: 30 },
        { x: 70, y: 110 },
      ]),
      28,
      28,
    );
    const widest = Math.max(
      ...Array.from(
        { length: 28 },
        (_, row) => picture.subarray(28 * row, 28 * row + 28).filter((level) => level > 0).length,
      ),
    );
    expect(widest).toBeLessThanOrEqual(4);
    expect(Math.max(...picture)).toBeGreaterThan(240);
  });

  it('makes pictures of other shapes', () => {
    const picture = centreDrawing(
      draw([
        { x: 40, y: 40 },
        { x: 100, y: 100 },
      ]),
      40,
      20,
    );
    expect(picture).toHaveLength(800);
    expect(centreOf(picture, 40).map(Math.round)).toEqual([20, 10]);
  });
});
