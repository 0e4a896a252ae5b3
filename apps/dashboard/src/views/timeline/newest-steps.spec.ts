import { describe, expect, it } from 'vitest';
import type { StepTimeline } from '../../api/reply.js';
import { newestSteps } from './newest-steps.js';

const report = (...steps: number[]) => ({
  steps: steps.map((step) => ({ step }) as StepTimeline),
});
const join = (known: number[], news: number[]): number[] =>
  newestSteps.join(report(...known), report(...news)).steps.map(({ step }) => step);

describe('newestSteps', () => {
  it('asks for what came after the last one known', () => {
    expect(newestSteps.query(report(7, 8))).toEqual({ after: 8 });
    expect(newestSteps.query(report())).toEqual({ after: 0 });
  });

  it('adds what is new, and keeps what is known where nothing is', () => {
    expect(join([1, 2], [3, 4])).toEqual([1, 2, 3, 4]);
    const known = report(1, 2);
    expect(newestSteps.join(known, report())).toBe(known);
  });

  it('goes back with a coordinator that took over', () => {
    expect(join([1, 2, 3, 4], [3])).toEqual([1, 2, 3]);
  });

  it('lets go of the oldest', () => {
    const many = Array.from({ length: 200 }, (_, n) => n + 1);
    expect(join(many, [201, 202])).toEqual([...many.slice(2), 201, 202]);
  });
});
