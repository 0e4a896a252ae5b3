import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatFigure,
  formatPercent,
  formatPercentTick,
  formatTick,
  UNKNOWN,
} from './numbers.js';
import { formatAge, formatDate, formatDuration, formatMilliseconds } from './times.js';

describe('formatPercentTick', () => {
  it.each([
    [0.92, 0.02, '92 %'],
    [0.995, 0.005, '99.5 %'],
    [0.9925, 0.0005, '99.25 %'],
  ])('%d, in steps of %d: %s', (share, step, text) =>
    expect(formatPercentTick(share, step)).toBe(text),
  );
});

describe('numbers as a person reads them', () => {
  it.each([
    [formatCount(3_274_634), '3,274,634'],
    [formatPercent(0.98374), '98.37 %'],
    [formatPercent(1, 0), '100 %'],
    [formatFigure(2.302585), '2.303'],
    [formatFigure(0.0213456), '0.0213'],
    [formatFigure(0.0000213), '2.1e-5'],
    [formatFigure(0), '0'],
    [formatFigure(51_234.5), '51,235'],
    [formatTick(0.5), '0.5'],
    [formatTick(10), '10'],
    [formatTick(3e-4), '3e-4'],
    [formatTick(20_000), '20k'],
    [formatBytes(0), '0 B'],
    [formatBytes(999), '999 B'],
    [formatBytes(13_098_536), '13.1 MB'],
    [formatBytes(412_000_000), '412 MB'],
  ])('%s is %s', (text, expected) => expect(text).toBe(expected));

  it('are a dash where there is none', () => {
    for (const format of [formatCount, formatPercent, formatFigure, formatBytes]) {
      for (const nothing of [null, undefined, NaN, Infinity]) {
        expect(format(nothing)).toBe(UNKNOWN);
      }
    }
  });

  it('keep a figure short for any magnitude', () => {
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(fc.property(numbers, (value) => formatFigure(value).length <= 10));
  });
});

describe('formatPercentTick', () => {
  it.each([
    [0.92, 0.02, '92 %'],
    [0.995, 0.005, '99.5 %'],
    [0.9925, 0.0005, '99.25 %'],
  ])('%d, in steps of %d: %s', (share, step, text) =>
    expect(formatPercentTick(share, step)).toBe(text),
  );
});

describe('times as a person reads them', () => {
  it.each([
    [formatDuration(0.4), '0 s'],
    [formatDuration(59.4), '59 s'],
    [formatDuration(59.6), '1 min 00 s'],
    [formatDuration(200), '3 min 20 s'],
    [formatDuration(7_500), '2 h 05 min'],
    [formatDuration(274_000), '3 d 4 h'],
    [formatDuration(Infinity), UNKNOWN],
    [formatAge(300), 'now'],
    [formatAge(4_200), '4 s ago'],
    [formatAge(3_600_000), '1 h ago'],
    [formatMilliseconds(0), '0 ms'],
    [formatMilliseconds(0.424), '0.42 ms'],
    [formatMilliseconds(87.06), '87.1 ms'],
    [formatMilliseconds(1_204), '1.20 s'],
    [formatMilliseconds(undefined), UNKNOWN],
    [formatDate('no date'), UNKNOWN],
  ])('%s is %s', (text, expected) => expect(text).toBe(expected));
});
