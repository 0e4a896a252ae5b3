import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Points } from './points.js';
import { proportionateTop, readAt, readLast } from './reading.js';

const evaluations: Points = {
  x: Float64Array.of(500, 600, 700),
  y: Float64Array.of(0.9, 0.95, 0.98),
};

describe('reading a curve', () => {
  it('says which x a value belongs to', () => {
    expect(readAt(evaluations, 648)).toEqual({ x: 600, y: 0.95 });
    expect(readAt(evaluations, 660)).toEqual({ x: 700, y: 0.98 });
    expect(readAt(evaluations, 700)).toEqual({ x: 700, y: 0.98 });
  });

  it('gives nothing where the curve has no value', () => {
    for (const at of [499, 701]) expect(readAt(evaluations, at)).toBeUndefined();
    expect(readAt({ x: new Float64Array(), y: new Float64Array() }, 1)).toBeUndefined();
    expect(readLast(evaluations, 499)).toBeUndefined();
  });

  it('gives the last value, of a part as well', () => {
    expect(readLast(evaluations)).toEqual({ x: 700, y: 0.98 });
    expect(readLast(evaluations, 699.5)).toEqual({ x: 600, y: 0.95 });
    expect(readLast(evaluations, 600)).toEqual({ x: 600, y: 0.95 });
  });

  it('only ever reads points that are there', () => {
    const xs = fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 });
    fc.assert(
      fc.property(xs, fc.integer({ min: 0, max: 1_000 }), (set, at) => {
        const sorted = set.sort((a, b) => a - b);
        const points = { x: Float64Array.from(sorted), y: Float64Array.from(sorted, (x) => 2 * x) };
        const read = readAt(points, at);
        if (!read) return;
        expect(read.y).toBe(2 * read.x);
        const nearest = Math.min(...sorted.map((x) => Math.abs(x - at)));
        expect(Math.abs(read.x - at)).toBe(nearest);
      }),
    );
  });
});

describe('proportionateTop', () => {
  it('leaves a pause out of the scale, and ordinary values in it', () => {
    const steps = Float64Array.from({ length: 200 }, (_, n) => 80 + (n % 20));
    expect(proportionateTop(steps)).toBeUndefined();
    steps[50] = 27_000;
    const top = proportionateTop(steps) ?? 0;
    expect(top).toBeGreaterThan(99);
    expect(top).toBeLessThan(200);
    expect(proportionateTop(Float64Array.of(1, 900))).toBeUndefined();
  });
});
