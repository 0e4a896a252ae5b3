import { expect, it } from 'vitest';
import { binAt, histogramBars, placeOf } from './histogram-bars.js';

const histogram = { low: -1, high: 3, counts: [4, 0, 16, 1], mean: 0, deviation: 1 };

it('draws a bar for each bin with something in it, the fullest as high as the chart', () => {
  expect(histogramBars(histogram)).toEqual([
    { x: 0, width: 0.25, height: 0.5 },
    { x: 0.5, width: 0.25, height: 1 },
    { x: 0.75, width: 0.25, height: 0.25 },
  ]);
  expect(histogramBars({ counts: [0, 0] })).toEqual([]);
});

it('finds the position of a value and its bin', () => {
  expect([placeOf(histogram, 0), placeOf(histogram, 4), placeOf(histogram, -2)]).toEqual([
    0.25,
    undefined,
    undefined,
  ]);
  expect(placeOf({ low: 2, high: 2 }, 2)).toBe(0.5);
  expect(binAt(histogram, 0.6)).toEqual({ from: 1, to: 2, count: 16 });
  expect([binAt(histogram, -1).count, binAt(histogram, 1).count]).toEqual([4, 1]);
});
