import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimate, KeptSteps } from './kept-steps.js';
import type { StepRow } from './schemas.js';

const row = (step: number): StepRow => ({
  ...{ step, loss: 1 / step, samplesPerSecond: 1, workers: 1, at: step },
  ...(step % 100 === 0 ? { trainAccuracy: 0.5 } : {}),
});
const rows = (count: number): StepRow[] => Array.from({ length: count }, (_, n) => row(n + 1));

describe('decimate', () => {
  it('returns at most the requested points, in order, unchanged, first and last included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 2, max: 600 }), (n, most) => {
        const all = rows(n);
        const chosen = decimate(all, most);
        expect(chosen.length).toBe(Math.min(n, most));
        expect(chosen[0]).toBe(all[0]);
        expect(chosen.at(-1)).toBe(all.at(-1));
        const steps = chosen.map(({ step }) => step);
        expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
        expect(chosen.every((each) => all.includes(each))).toBe(true);
      }),
    );
  });

  it('prefers the steps with a training accuracy', () => {
    const chosen = decimate(rows(3_000), 100);
    expect(chosen.filter(({ trainAccuracy }) => trainAccuracy !== undefined)).toHaveLength(30);
  });
});

describe('KeptSteps', () => {
  it('thins a long run out in bounded memory, and keeps the newest', () => {
    const kept = new KeptSteps(100);
    for (const each of rows(12_345)) kept.add(each);
    expect(kept.rows.length).toBeLessThanOrEqual(101);
    expect(kept.rows.at(-1)).toEqual(row(12_345));
    expect(kept.last?.step).toBe(12_345);
    expect(kept.rows.filter(({ trainAccuracy }) => trainAccuracy !== undefined)).not.toEqual([]);
  });

  it('replaces a step that is computed again', () => {
    const kept = new KeptSteps();
    for (const each of rows(5)) kept.add(each);
    kept.add({ ...row(3), loss: 9 });
    expect(kept.rows.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(kept.last?.loss).toBe(9);
  });
});
