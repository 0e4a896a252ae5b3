import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLine } from './fit-line.js';

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
