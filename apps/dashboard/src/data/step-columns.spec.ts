import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingSteps } from './step-columns.js';

const row = (step: number, loss = 1 / step) => ({
  ...{ step, loss, samplesPerSecond: 400, workers: 2, at: 1_000 * step, learningRate: 0.05 },
});

describe('GrowingSteps', () => {
  it('holds rows by column, beyond its initial capacity', () => {
    const steps = new GrowingSteps();
    for (let n = 1; n <= 3_000; n++) steps.add(row(n));
    const { columns } = steps;
    expect(columns.length).toBe(3_000);
    expect(columns.step).toHaveLength(3_000);
    expect([columns.step[2_999], columns.at[2_999], columns.loss[1]]).toEqual([3_000, 3e6, 0.5]);
  });

  it('has NaN for a missing value', () => {
    const steps = new GrowingSteps([row(1), { ...row(2), trainAccuracy: 0.9 }]);
    expect([...steps.columns.trainAccuracy]).toEqual([Number.NaN, 0.9]);
  });

  it('replaces a recomputed step and all after it', () => {
    const steps = new GrowingSteps([1, 2, 3, 4].map((n) => row(n)));
    steps.add(row(3, 7));
    expect([...steps.columns.step]).toEqual([1, 2, 3]);
    expect(steps.columns.loss[2]).toBe(7);
  });

  it('is in step order for any input', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 })), (numbers) => {
        const steps = new GrowingSteps(numbers.map((n) => row(n)));
        const held = [...steps.columns.step];
        expect(held).toEqual([...new Set(held)].sort((a, b) => a - b));
        expect(held.at(-1)).toBe(numbers.at(-1));
      }),
    );
  });
});
