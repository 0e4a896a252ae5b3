import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportEvaluation } from './evaluation-report.js';

const CLASSES = 4;
const predictions = fc.array(
  fc.record({
    label: fc.nat(CLASSES - 1),
    predicted: fc.nat(CLASSES - 1),
    confidence: fc.float({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 60 },
);
type Predictions = typeof predictions extends fc.Arbitrary<infer Value> ? Value : never;

const report = (
  given: Predictions,
  query: { label?: number; predicted?: number } = {},
  most = 10,
) =>
  reportEvaluation(
    {
      predictions: Uint16Array.from(given, ({ predicted }) => predicted),
      confidences: Float32Array.from(given, ({ confidence }) => confidence),
    },
    given.map(({ label }) => label),
    CLASSES,
    { most, ...query },
  );

describe('the report of an evaluation', () => {
  it('counts every test image once, right ones on the diagonal', () => {
    fc.assert(
      fc.property(predictions, (given) => {
        const { confusion, classes, mistakeCount } = report(given);
        const total = confusion.flat().reduce((sum, count) => sum + count, 0);
        const right = confusion.reduce((sum, row, label) => sum + row[label], 0);
        expect([total, total - right]).toEqual([given.length, mistakeCount]);
        for (const { label, count, correctCount } of classes) {
          const own = given.filter((each) => each.label === label);
          expect(count).toBe(own.length);
          expect(correctCount).toBe(own.filter(({ predicted }) => predicted === label).length);
        }
      }),
    );
  });

  it('has the most confident mistakes, and no correct prediction', () => {
    fc.assert(
      fc.property(predictions, (given) => {
        const { mistakes, mistakeCount } = report(given, {}, 5);
        expect(mistakes).toHaveLength(Math.min(5, mistakeCount));
        const sorted = mistakes.map(({ confidence }) => confidence);
        expect(sorted).toEqual([...sorted].sort((a, b) => b - a));
        const least = sorted.at(-1) ?? 0;
        const shown = new Set(mistakes.map(({ index }) => index));
        given.forEach(({ label, predicted, confidence }, index) => {
          if (shown.has(index)) expect(predicted).not.toBe(label);
          else if (predicted !== label && shown.size === 5) {
            expect(confidence).toBeLessThanOrEqual(least);
          }
        });
      }),
    );
  });

  it('has those of one cell only, on request', () => {
    const given = [
      { label: 1, predicted: 2, confidence: 0.5 },
      { label: 1, predicted: 3, confidence: 0.75 },
      { label: 0, predicted: 2, confidence: 1 },
      { label: 2, predicted: 2, confidence: 1 },
    ];
    expect(report(given, { label: 1, predicted: 2 })).toMatchObject({
      ...{ mistakeCount: 3, mistakes: [{ index: 0, label: 1, predicted: 2, confidence: 0.5 }] },
    });
    expect(report(given, { predicted: 2 }).mistakes.map(({ index }) => index)).toEqual([2, 0]);
  });
});
