import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGrowingSteps } from './step-columns.js';

const row = (step: number, loss = 1 / step) => ({
  ...{ step, loss, samplesPerSecond: 400, workers: 2, at: 1_000 * step, learningRate: 0.05 },
});

describe('createGrowingSteps', () => {
  it('holds rows by column, beyond its first room', () => {
    const steps = createGrowingSteps();
    for (let n = 1; n <= 3_000; n++) steps.add(row(n));
    const { columns } = steps;
    expect(columns.length).toBe(3_000);
    expect(columns.step).toHaveLength(3_000);
    expect([columns.step[2_999], columns.at[2_999], columns.loss[1]]).toEqual([3_000, 3e6, 0.5]);
  });

  it('has no number where none was taken', () => {
    const steps = createGrowingSteps([row(1), { ...row(2), trainAccuracy: 0.9 }]);
    expect([...steps.columns.trainAccuracy]).toEqual([Number.NaN, 0.9]);
  });

  it('lets a step computed again take the place of what came of it before', () => {
    const steps = createGrowingSteps([1, 2, 3, 4].map((n) => row(n)));
    steps.add(row(3, 7));
    expect([...steps.columns.step]).toEqual([1, 2, 3]);
    expect(steps.columns.loss[2]).toBe(7);
  });

  it('is in step order whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 })), (numbers) => {
        const steps = createGrowingSteps(numbers.map((n) => row(n)));
        const held = [...steps.columns.step];
        expect(held).toEqual([...new Set(held)].sort((a, b) => a - b));
        expect(held.at(-1)).toBe(numbers.at(-1));
      }),
    );
  });
});
