import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { between, firstAtLeast, nearest, numbersOf, type Points, smooth, thin } from './points.js';

const values = (most: number) =>
  fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { maxLength: most });
const curve = (ys: readonly number[]): Points => ({
  x: Float64Array.from(ys, (_, index) => index + 1),
  y: Float64Array.from(ys),
});

describe('smooth', () => {
  it('leaves values as they are at weight 0', () => {
    const raw = Float64Array.of(3, 1, 2);
    expect(smooth(raw, 0)).toBe(raw);
  });

  it('keeps a constant, from the first value on', () => {
    const smoothed = smooth(new Float64Array(100).fill(2.5), 0.97);
    for (const value of smoothed) expect(value).toBeCloseTo(2.5, 12);
  });

  it('weighs by its definition, and skips NaN', () => {
    const [first, none, second] = smooth(Float64Array.of(1, Number.NaN, 3), 0.5);
    expect(first).toBeCloseTo(1, 12);
    expect(none).toBeNaN();
    expect(second).toBeCloseTo((0.5 * 0.5 * 1 + 0.5 * 3) / 0.75, 12);
  });

  it('never leaves the range of its input', () => {
    const weights = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(values(60), weights, (ys, weight) => {
        const [low, high] = [Math.min(...ys), Math.max(...ys)];
        const slack = 1e-9 * Math.max(1, Math.abs(low), Math.abs(high));
        for (const value of smooth(Float64Array.from(ys), weight)) {
          expect(value).toBeGreaterThanOrEqual(low - slack);
          expect(value).toBeLessThanOrEqual(high + slack);
        }
      }),
    );
  });
});

describe('thin', () => {
  it('keeps both ends, the extremes and the order, and no more than four points a part', () => {
    fc.assert(
      fc.property(values(400), fc.integer({ min: 1, max: 20 }), (ys, parts) => {
        const { x, y } = thin(curve(ys), parts);
        if (ys.length === 0) return;
        expect(x.length).toBeLessThanOrEqual(4 * parts);
        expect([x[0], x.at(-1)]).toEqual([1, ys.length]);
        expect([...x]).toEqual([...x].sort((a, b) => a - b));
        expect([Math.min(...y), Math.max(...y)]).toEqual([Math.min(...ys), Math.max(...ys)]);
        x.forEach((each, index) => expect(y[index]).toBe(ys[each - 1]));
      }),
    );
  });

  it('leaves few points alone', () => {
    const few = curve([1, 2, 3]);
    expect(thin(few, 10)).toBe(few);
  });
});

describe('parts of a curve', () => {
  const five = curve([10, 20, 30, 40, 50]);

  it('include one point beyond either end', () => {
    expect([...between(five, 2.5, 3.5).x]).toEqual([2, 3, 4]);
    expect([...between(five, -1, 99).x]).toEqual([1, 2, 3, 4, 5]);
    expect([...between(five, 6, 9).x]).toEqual([5]);
  });

  it('are found by bisection', () => {
    expect([0, 1, 2.5, 5, 6].map((at) => firstAtLeast(five.x, at))).toEqual([0, 0, 2, 4, 5]);
    expect([-9, 2.4, 2.6, 99].map((at) => nearest(five.x, at))).toEqual([0, 1, 2, 4]);
    expect(nearest(new Float64Array(), 1)).toBeUndefined();
  });

  it('hold numbers only', () => {
    const { x, y } = numbersOf(Float64Array.of(1, 2, 3), Float64Array.of(Number.NaN, 5, Infinity));
    expect([[...x], [...y]]).toEqual([[2], [5]]);
  });
});
