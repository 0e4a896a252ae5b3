import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedSchedule, learningRateAt } from './learning-rate.js';

const cosine = { kind: 'cosine', warmupSteps: 10, finalFactor: 0.1 } as const;

describe('learningRateAt', () => {
  it('stays where it is when constant', () => {
    const optimizer = { learningRate: 0.3, schedule: { kind: 'constant' } } as const;
    expect(learningRateAt(optimizer, 1, 100)).toBe(0.3);
    expect(learningRateAt(optimizer, 100, 100)).toBe(0.3);
  });

  it('rises in a line over the warm-up and ends at the final factor', () => {
    const optimizer = { learningRate: 0.2, schedule: cosine };
    expect(learningRateAt(optimizer, 5, 110)).toBeCloseTo(0.1, 12);
    expect(learningRateAt(optimizer, 10, 110)).toBeCloseTo(0.2, 12);
    expect(learningRateAt(optimizer, 110, 110)).toBeCloseTo(0.02, 12);
  });

  it('never falls below 0, though it ends there', () => {
    const optimizer = { learningRate: 0.2, schedule: { ...cosine, finalFactor: 0 } };
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 20_000 }), (steps) => {
        expect(learningRateAt(optimizer, steps, steps)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('is the published half cosine in between', () => {
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 1000 }), (step) => {
        const expected = 0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * (step - 10)) / 990));
        const optimizer = { learningRate: 1, schedule: cosine };
        expect(learningRateAt(optimizer, step, 1000)).toBeCloseTo(expected, 12);
      }),
    );
  });
});

describe('boundedSchedule', () => {
  const schedule = { kind: 'cosine', warmupSteps: 30, finalFactor: 0 } as const;

  it('keeps the warm-up of a run twice as long, and all of a constant schedule', () => {
    for (const steps of [60, 61, 6000]) expect(boundedSchedule(schedule, steps)).toEqual(schedule);
    expect(boundedSchedule({ kind: 'constant' }, 1)).toEqual({ kind: 'constant' });
  });

  it('lets every run reach its learning rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (steps) => {
        const optimizer = { learningRate: 0.2, schedule: boundedSchedule(schedule, steps) };
        const rates = Array.from({ length: steps }, (_, i) =>
          learningRateAt(optimizer, i + 1, steps),
        );
        expect(Math.max(...rates)).toBeCloseTo(0.2, 12);
      }),
    );
  });
});
