import { describe, expect, it } from 'vitest';
import { createDesk, greyOf } from './desk.js';

const digit = { index: 3, count: 10, label: 0, shape: [4, 6, 1], pixels: new Array(24).fill(99) };

describe('the desk', () => {
  it('gives nothing for a blank sheet, a picture for one drawn on', () => {
    const desk = createDesk([28, 28, 1]);
    expect(desk.picture.value).toBeUndefined();
    desk.stroke({ x: 40, y: 40 }, { x: 90, y: 100 });
    expect(desk.picture.value).toHaveLength(784);
    desk.clear();
    expect(desk.picture.value).toBeUndefined();
  });

  it('gives a test image as it is, and begins anew when something is drawn then', () => {
    const desk = createDesk([4, 6, 1]);
    desk.show(digit);
    expect(desk.picture.value).toBe(digit.pixels);
    expect(desk.ink.value.levels.every((level) => level === 99)).toBe(true);
    desk.stroke({ x: 2, y: 2 }, { x: 3, y: 3 });
    expect(desk.shown.value).toBeUndefined();
    expect(desk.ink.value.levels.at(-1)).toBe(0);
  });

  it('fills every channel alike', () => {
    const desk = createDesk([8, 8, 3]);
    desk.stroke({ x: 10, y: 10 }, { x: 30, y: 30 });
    const picture = desk.picture.value ?? [];
    expect(picture).toHaveLength(192);
    expect(picture.every((level, at) => level === picture[at - (at % 3)])).toBe(true);
    expect(greyOf([1, 2, 3, 30, 30, 0], 3)).toEqual([2, 20]);
  });
});
