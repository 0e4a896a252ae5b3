import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, fitLine } from './progress-line.js';

const pieces = [
  { rank: 0, text: 'step 182/6000' },
  { rank: 2, share: 0.5 },
  { rank: 3, text: 'loss 0.2714' },
  { rank: 6, text: 'accuracy 94.00 %' },
  { rank: 4, text: '410 samples/s' },
  { rank: 5, text: '2 workers' },
  { rank: 1, text: '11m50s left' },
];

describe('a line that fits', () => {
  it.each([
    [
      120,
      'step 182/6000  ██████████░░░░░░░░░░  loss 0.2714  accuracy 94.00 %  410 samples/s  2 workers  11m50s left',
    ],
    [79, 'step 182/6000  ██████░░░░░░  loss 0.2714  410 samples/s  2 workers  11m50s left'],
    [39, 'step 182/6000  █████░░░░░░  11m50s left'],
    [27, 'step 182/6000  11m50s left'],
    [10, 'step 182/6'],
  ])('in %d columns', (columns, line) => {
    expect(fitLine(pieces, columns)).toBe(line);
  });

  it('is never wider than the columns', () => {
    const piece = fc.record({ rank: fc.nat(9), text: fc.string({ maxLength: 30 }) });
    const bar = fc.record({ rank: fc.nat(9), share: fc.double({ noNaN: true }) });
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, bar)), fc.nat(200), (any, columns) => {
        expect(fitLine(any, columns).length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

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
