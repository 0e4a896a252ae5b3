import { describe, expect, it } from 'vitest';
import { Drawing, greyOf } from './drawing.js';

const digit = { index: 3, count: 10, label: 0, shape: [4, 6, 1], pixels: new Array(24).fill(99) };

describe('the drawing', () => {
  it('has no input while it is blank', () => {
    const drawing = new Drawing([28, 28, 1]);
    expect(drawing.picture.value).toBeUndefined();
    drawing.stroke({ x: 40, y: 40 }, { x: 90, y: 100 });
    expect(drawing.picture.value).toHaveLength(784);
    drawing.clear();
    expect(drawing.picture.value).toBeUndefined();
  });

  it('passes on a test image unchanged, and starts blank when the user draws', () => {
    const drawing = new Drawing([4, 6, 1]);
    drawing.show(digit);
    expect(drawing.picture.value).toBe(digit.pixels);
    expect(drawing.ink.value.levels.every((level) => level === 99)).toBe(true);
    drawing.stroke({ x: 2, y: 2 }, { x: 3, y: 3 });
    expect(drawing.shown.value).toBeUndefined();
    expect(drawing.ink.value.levels.at(-1)).toBe(0);
  });

  it('fills every channel alike', () => {
    const drawing = new Drawing([8, 8, 3]);
    drawing.stroke({ x: 10, y: 10 }, { x: 30, y: 30 });
    const picture = drawing.picture.value ?? [];
    expect(picture).toHaveLength(192);
    expect(picture.every((level, at) => level === picture[at - (at % 3)])).toBe(true);
    expect(greyOf([1, 2, 3, 30, 30, 0], 3)).toEqual([2, 20]);
  });
});
