import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultKinds } from './fault.js';
import { parsePlan, planText } from './plan.js';
import { planFrom } from './random-plan.js';

const options = fc.record({
  kills: fc.integer({ min: 1, max: 60 }),
  every: fc.integer({ min: 1, max: 100 }).map((n) => n / 10),
  only: fc.subarray([...faultKinds], { minLength: 1 }),
  workers: fc.integer({ min: 1, max: 6 }),
});
const seeds = fc.nat(1e6);

describe('a plan from a seed', () => {
  it('is the same for the same seed, and can be written down', () => {
    fc.assert(
      fc.property(seeds, options, (seed, given) => {
        const plan = planFrom(seed, given);
        expect(planFrom(seed, given)).toEqual(plan);
        expect(parsePlan(planText(plan))).toEqual({ plan, senseless: [] });
      }),
    );
  });

  it('does each of the kinds asked for as often as the others, in order of time', () => {
    fc.assert(
      fc.property(seeds, options, (seed, given) => {
        const plan = planFrom(seed, given);
        expect(plan).toHaveLength(given.kills);
        const counts = given.only.map(
          (kind) => plan.filter(({ fault }) => fault.kind === kind).length,
        );
        expect(counts.reduce((sum, n) => sum + n, 0)).toBe(given.kills);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        const times = plan.map(({ moment }) => (moment.at === 'time' ? moment.seconds : NaN));
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });

  it('scales to another number each time, and never to none', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 6 }), (seed, workers) => {
        const plan = planFrom(seed, { kills: 12, every: 1, only: ['scale'], workers });
        const counts = plan.map(({ fault }) => (fault.kind === 'scale' ? fault.workers : 0));
        counts.forEach((count, i) => expect(count).not.toBe(i === 0 ? workers : counts[i - 1]));
        expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
        expect(Math.max(...counts)).toBeLessThanOrEqual(workers + 2);
      }),
    );
  });

  it('waits as long between two acts, on the whole, as asked for', () => {
    const plan = planFrom(7, { kills: 4_000, every: 2, only: ['kill-worker'], workers: 1 });
    const last = plan.at(-1)?.moment;
    const seconds = last?.at === 'time' ? last.seconds : NaN;
    // The mean of 4,000 exponential times of mean 2 has a deviation of 2 / √4000 = 0.03.
    expect(seconds / 4_000).toBeGreaterThan(1.85);
    expect(seconds / 4_000).toBeLessThan(2.15);
  });
});
