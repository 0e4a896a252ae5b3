import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultRecipe, type RunSpec } from './run-spec.js';
import { extendSpec, horizonAt, specHashAt, totalSteps } from './run-segments.js';
import { specHash } from './spec-hash.js';

const begun: RunSpec = {
  formatVersion: 2,
  model: { name: 'small', parameters: [], loss: { kind: 'cross-entropy' }, metrics: [] },
  data: {
    ...{ name: 'small', sha256: 'aa', trainCount: 20, testCount: 10 },
    ...{ inputShape: [1, 2, 1], target: { classes: 2 } },
  },
  ...{ ...defaultRecipe, steps: 20, seed: 1, threads: 1 },
  ...{ numerics: 'strict', device: 'cpu', wire: 'f32' },
};
const twice = extendSpec(extendSpec(begun, 20, 40), 33, 60);

/** Totals asked for, each after some further steps were committed; not all can be had. */
const extensions = fc.array(
  fc.record({ further: fc.nat(60), steps: fc.integer({ min: 1, max: 200 }) }),
  {
    maxLength: 8,
  },
);

/** Every spec that the extensions lead to, with the steps committed by then. */
function lead(asked: readonly { further: number; steps: number }[]) {
  const history = [{ spec: begun, committed: 0 }];
  for (const { further, steps } of asked) {
    const { spec, committed } = history.at(-1) ?? { spec: begun, committed: 0 };
    const now = Math.min(totalSteps(spec), committed + further);
    if (steps > now) history.push({ spec: extendSpec(spec, now, steps), committed: now });
  }
  return history;
}

describe('a run that is extended', () => {
  it('spreads the schedule of the steps after those committed over the new total', () => {
    expect([begun, twice].map(totalSteps)).toEqual([20, 60]);
    expect([1, 20, 21, 33, 34, 60].map((step) => horizonAt(twice, step))).toEqual([
      ...[20, 20, 40, 40, 60, 60],
    ]);
    expect(twice.steps).toBe(20);
  });

  it('keeps the schedule of every committed step, whatever it is extended to', () => {
    fc.assert(
      fc.property(extensions, (asked) => {
        const history = lead(asked);
        history.forEach(({ spec: before }, i) => {
          const { spec: after, committed } = history[i + 1] ?? { spec: before, committed: 0 };
          for (let step = 1; step <= committed; step++) {
            expect(horizonAt(after, step)).toBe(horizonAt(before, step));
          }
        });
      }),
    );
  });

  it('keeps the spec hash of every version saved before, whatever it is extended to', () => {
    fc.assert(
      fc.property(extensions, (asked) => {
        const history = lead(asked);
        history.forEach(({ spec: before }, i) => {
          const { spec: after, committed } = history[i + 1] ?? { spec: before, committed: 0 };
          for (let version = 0; version <= committed; version++) {
            expect(specHashAt(after, version)).toBe(specHashAt(before, version));
          }
        });
      }),
    );
  });

  it('has the total asked for, in segments that ascend', () => {
    fc.assert(
      fc.property(extensions, (asked) => {
        for (const { spec } of lead(asked)) {
          const { segments = [] } = spec;
          expect(totalSteps(spec)).toBe(segments.at(-1)?.steps ?? spec.steps);
          segments.forEach(({ afterStep, steps }, i) => {
            expect(afterStep).toBeGreaterThan(segments[i - 1]?.afterStep ?? -1);
            expect(steps).toBeGreaterThan(afterStep);
          });
        }
      }),
    );
  });

  it('is the same spec where it has as many steps already', () => {
    expect(extendSpec(begun, 7, 20)).toBe(begun);
    expect(extendSpec(twice, 60, 60)).toBe(twice);
  });

  it('has one segment after a step, and none that changes nothing', () => {
    expect(extendSpec(extendSpec(begun, 10, 40), 10, 50).segments).toEqual([
      { afterStep: 10, steps: 50 },
    ]);
    expect(extendSpec(extendSpec(begun, 10, 40), 10, 20)).toEqual(begun);
    expect(specHash(extendSpec(extendSpec(begun, 10, 40), 10, 20))).toBe(specHash(begun));
  });

  it('cannot have fewer steps than it has made', () => {
    for (const steps of [15, 33]) {
      expect(() => extendSpec(twice, 33, steps)).toThrow(/33 steps that the run has made/);
    }
    expect(totalSteps(extendSpec(twice, 33, 34))).toBe(34);
  });
});
