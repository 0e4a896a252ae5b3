import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingSteps, type StepColumns } from '../../data/step-columns.js';
import { coarseWindow, covers, withFiner, type StepWindow } from './finer-steps.js';

const columns = (steps: readonly number[]): StepColumns =>
  new GrowingSteps(
    steps.map((step) => ({ step, loss: step / 7, samplesPerSecond: 1, workers: 1, at: step })),
  ).columns;
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);
const finer = (window: StepWindow, complete = true) => ({
  ...{ ...window, complete },
  steps: columns(range(window.from, window.to)),
});

describe('coarseWindow', () => {
  const history = columns([1, 5, 9, 13, 14, 15, 16]);

  it('is where steps are left away, and a step more at either side', () => {
    expect(coarseWindow(history, history.step, { from: 6, to: 8 })).toEqual({ from: 5, to: 9 });
    expect(coarseWindow(history, history.step, { from: 0, to: 99 })).toEqual({ from: 1, to: 13 });
  });

  it('is none where every step is there', () => {
    expect(coarseWindow(history, history.step, { from: 14, to: 99 })).toBeUndefined();
    expect(coarseWindow(columns([]), columns([]).step, { from: 0, to: 9 })).toBeUndefined();
  });
});

describe('withFiner', () => {
  it('has every step of the window once, in order, and all others as they were', () => {
    const sets = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 2 });
    fc.assert(
      fc.property(sets, fc.nat(60), fc.nat(60), (set, a, b) => {
        const known = [...set].sort((one, other) => one - other);
        const window = { from: Math.min(a, b), to: Math.max(a, b) };
        const { step, loss, length } = withFiner(columns(known), finer(window));
        const outside = known.filter((each) => each < window.from || each > window.to);
        const expected = [...outside, ...range(window.from, window.to)].sort((x, y) => x - y);
        expect([...step]).toEqual(expected);
        expect([...loss]).toEqual(expected.map((each) => each / 7));
        expect(length).toBe(expected.length);
      }),
    );
  });
});

describe('covers', () => {
  it('is true for any part of a complete window, and for the same part of an incomplete one', () => {
    const window = { from: 10, to: 20 };
    expect(covers(undefined, window)).toBe(false);
    expect(covers(finer({ from: 5, to: 25 }), window)).toBe(true);
    expect(covers(finer({ from: 5, to: 25 }, false), window)).toBe(false);
    expect(covers(finer(window, false), window)).toBe(true);
    expect(covers(finer({ from: 11, to: 25 }), window)).toBe(false);
  });
});
