import { describe, expect, it } from 'vitest';
import { durationText } from './remaining-time.js';

describe('a duration', () => {
  it.each([
    [0, '0s'],
    [59_400, '59s'],
    [59_600, '1m00s'],
    [710_000, '11m50s'],
    [3_600_000, '1h00m'],
    [11_100_000, '3h05m'],
    [187_200_000, '2d04h'],
    [-1, '0s'],
  ])('of %d ms is %s', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });
});
