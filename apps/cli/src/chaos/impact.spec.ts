import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from './fault.js';
import { impactsOf, type Act } from './impact.js';
import { milliseconds, spanAt, stepSpans, type StepArrival } from './step-spans.js';

const arrivals = (...pairs: [step: number, at: number][]): StepArrival[] =>
  pairs.map(([step, at]) => ({ step, at }));
const act = (at: number, fault: Fault): Act => ({ at, step: 0, fault, target: '' });

/** A run with coordinators that fall back: the steps as they come in, at growing times. */
const run = fc
  .array(fc.record({ back: fc.constantFrom(0, 0, 0, 1, 4), ms: fc.integer({ min: 1, max: 900 }) }))
  .map((moves) => {
    let step = 0;
    let at = 0;
    return moves.map(({ back, ms }) => {
      step = Math.max(1, step + 1 - back);
      at += ms;
      return { step, at };
    });
  });

describe('the time steps take', () => {
  it('counts what is computed again into the step that it delays', () => {
    const spans = stepSpans(arrivals([1, 100], [2, 200], [3, 310], [2, 900], [3, 980], [4, 1_100]));
    expect(spans.map(({ step }) => step)).toEqual([2, 3, 4]);
    expect(spans.map(milliseconds)).toEqual([100, 110, 790]);
    expect([50, 100, 309.9, 310, 1_099, 1_100].map((at) => spanAt(spans, at))).toEqual([
      -1, 0, 1, 2, 2, -1,
    ]);
  });

  it('adds up to the time of the whole', () => {
    fc.assert(
      fc.property(run, (steps) => {
        const spans = stepSpans(steps);
        const highest = Math.max(0, ...steps.map(({ step }) => step));
        const last = steps.find(({ step }) => step === highest)?.at ?? 0;
        const total = spans.reduce((sum, span) => sum + milliseconds(span), 0);
        expect(total).toBe(steps[0] ? last - steps[0].at : 0);
        expect(spans.map(({ step }) => step)).toEqual(spans.map((_, i) => i + 2));
      }),
    );
  });
});

describe('what fault costs', () => {
  it('is the time of the step that it hit beyond the usual, and what came after', () => {
    const steps = arrivals([1, 0], [2, 100], [3, 500], [4, 650], [5, 750], [6, 850]);
    const freeze: Fault = { kind: 'freeze-worker', seconds: 3, thenKill: false };
    const [impact] = impactsOf([act(150, freeze)], steps, 100);
    expect(impact).toMatchObject({
      ...{ kind: 'freeze-worker', acts: 1, alone: 1 },
      extraMs: { count: 1, p50: 300, max: 300 },
      hitRatio: { p50: 4 },
      // Of the steps after it, which took 150, 100 and 100.
      afterRatio: { p50: 1 },
      recoveryMs: { p50: 350 },
      recomputedSteps: { p50: 0 },
    });
  });

  it('of a coordinator’s death is the way back to a new step, by those made before', () => {
    const steps = arrivals([1, 0], [2, 100], [3, 200], [2, 3_000], [3, 3_100], [4, 3_200]);
    const [impact] = impactsOf([act(250, { kind: 'kill-coordinator' })], steps, 100);
    expect(impact).toMatchObject({
      extraMs: { max: 2_900 },
      recoveryMs: { max: 2_950 },
      recomputedSteps: { max: 2 },
    });
  });

  it('is counted for every act, also for one after the last step, which hit none', () => {
    const steps = arrivals([1, 0], [2, 100]);
    const late = act(150, { kind: 'restart-redis' });
    expect(impactsOf([late, late], steps, 100)).toEqual([
      { kind: 'restart-redis', acts: 2, alone: 0 },
    ]);
  });

  it('is charged to nobody where two acts hit one step', () => {
    const steps = arrivals([1, 0], [2, 100], [3, 900], [4, 1_100]);
    const kill = act(200, { kind: 'kill-worker' });
    const scale = act(300, { kind: 'scale', workers: 2 });
    const later = act(1_000, { kind: 'scale', workers: 1 });
    const [killed, scaled] = impactsOf([kill, scale, later], steps, 100);
    expect(killed).toEqual({ kind: 'kill-worker', acts: 1, alone: 0 });
    expect(scaled).toMatchObject({ acts: 2, alone: 1, extraMs: { count: 1, max: 100 } });
  });

  it('never falls below minus the usual, and leaves no act out', () => {
    const kinds = fc.constantFrom<Fault>({ kind: 'kill-worker' }, { kind: 'scale', workers: 2 });
    const times = fc.array(fc.record({ at: fc.nat(20_000), kind: kinds }));
    fc.assert(
      fc.property(run, times, (steps, given) => {
        const acts = given.map(({ at, kind }) => act(at, kind));
        const impacts = impactsOf(acts, steps, 100);
        expect(impacts.reduce((sum, each) => sum + each.acts, 0)).toBe(acts.length);
        for (const { acts: count, alone, extraMs, recoveryMs, recomputedSteps } of impacts) {
          expect(alone).toBeLessThanOrEqual(count);
          expect(extraMs?.count ?? 0).toBe(alone);
          expect(extraMs?.p50 ?? 0).toBeGreaterThan(-100.01);
          expect(recoveryMs?.p50 ?? 0).toBeGreaterThanOrEqual(0);
          expect(recomputedSteps?.max ?? 0).toBeLessThan(steps.length + 1);
        }
      }),
    );
  });
});
