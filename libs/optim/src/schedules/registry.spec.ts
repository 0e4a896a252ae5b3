import { extendSpec, type OptimizerSpec, type ParameterSpec, type RunSpec } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../spec-tensorflow.js';
import { applyUpdate } from '../apply-update.js';
import { optimizerSpec } from '../optimizer-spec.js';
import { stateLayout } from '../optimizers/registry.js';
import { initialState, stateFromBytes, stateToBytes } from '../training-state.js';
import { learningRateAt, runLearningRateAt, schedules } from './registry.js';

const rateOf = (schedule: OptimizerSpec['schedule'], step: number, steps: number, rate = 1) =>
  learningRateAt({ learningRate: rate, schedule }, step, steps);

beforeAll(loadTensorFlow);

describe.each(schedules.entries)('schedule $name', ({ name }) => {
  const sgd: OptimizerSpec = {
    ...{ kind: 'sgd', learningRate: 0.1, momentum: 0.5, schedule: { kind: 'constant' } },
  };
  const optimizer = optimizerSpec(
    { schedule: name, given: { warmupSteps: 3 }, steps: 12 },
    { ...sgd },
  );
  const { schedule } = optimizer;

  it('keeps the learning rate from 0 to its highest value, which it reaches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 800 }), (steps) => {
        for (let step = 1; step <= steps; step++) {
          const rate = rateOf(schedule, step, steps, 0.25);
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(rate).toBeLessThanOrEqual(0.25);
        }
        expect(rateOf(schedule, 3, steps, 0.25)).toBe(0.25);
      }),
      { numRuns: 10 },
    );
  });

  it('rises in a line over the warm-up', () => {
    const rates = [1, 2, 3].map((step) => rateOf(schedule, step, 12, 0.3));
    expect(rates).toEqual([0.3 / 3, (0.3 * 2) / 3, 0.3]);
  });

  it('keeps the learning rate of every committed step when the run is extended', () => {
    const begun = { steps: 12, optimizer };
    const extended = extendSpec({ ...begun } as RunSpec, 8, 40);
    for (let step = 1; step <= 8; step++) {
      expect(runLearningRateAt(extended, step)).toBe(runLearningRateAt(begun, step));
    }
    expect(runLearningRateAt(extended, 40)).toBe(learningRateAt(optimizer, 40, 40));
  });

  it('continues from a checkpoint exactly as without an interruption', () => {
    const parameters: ParameterSpec[] = [{ name: 'b', shape: [2], gradient: 'dense' }];
    const layout = stateLayout({ model: { parameters }, optimizer });
    const gradient = [{ kind: 'dense', values: Float32Array.of(0.3, -0.7) }] as const;
    const update = { gradient, bufferChanges: [] };
    const trained = (interruptedAt: number): Uint8Array => {
      let state = initialState(tf, layout, [Float32Array.of(1, -2)]);
      for (let step = 1; step <= 12; step++) {
        state = applyUpdate(tf, state, update, { optimizer, steps: 12, batch: 2 }, false);
        if (step === interruptedAt) state = stateFromBytes(tf, layout, step, stateToBytes(state));
      }
      return stateToBytes(state);
    };
    const straight = trained(0);
    for (const at of [1, 3, 6, 11]) expect(trained(at)).toEqual(straight);
  });
});

describe('the learning rate', () => {
  it('stays where it is when constant', () => {
    expect(rateOf({ kind: 'constant' }, 1, 100, 0.3)).toBe(0.3);
    expect(rateOf({ kind: 'constant' }, 100, 100, 0.3)).toBe(0.3);
  });

  it('ends at the final factor', () => {
    for (const kind of ['cosine', 'linear']) {
      const schedule = { kind, warmupSteps: 10, finalFactor: 0.1 };
      expect(rateOf(schedule, 5, 110, 0.2)).toBeCloseTo(0.1, 12);
      expect(rateOf(schedule, 10, 110, 0.2)).toBeCloseTo(0.2, 12);
      expect(rateOf(schedule, 110, 110, 0.2)).toBeCloseTo(0.02, 12);
    }
  });

  it('never falls below 0, though it ends there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('cosine', 'linear'),
        fc.integer({ min: 11, max: 20_000 }),
        (kind, steps) => {
          const schedule = { kind, warmupSteps: 10, finalFactor: 0 };
          const last = rateOf(schedule, steps, steps);
          expect(last).toBeGreaterThanOrEqual(0);
          expect(last).toBeLessThan(1e-12);
        },
      ),
    );
  });

  it('is the published half cosine', () => {
    const schedule = { kind: 'cosine', warmupSteps: 10, finalFactor: 0.1 };
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 1000 }), (step) => {
        const expected = 0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * (step - 10)) / 990));
        expect(rateOf(schedule, step, 1000)).toBeCloseTo(expected, 12);
      }),
    );
  });

  it('is the published cosine again after each restart', () => {
    const own = { kind: 'cosine-restarts', restartEvery: 4, cycleFactor: 2, finalFactor: 0.2 };
    const cycle = (length: number): number[] =>
      Array.from({ length }, (_, done) => 0.2 + 0.4 * (1 + Math.cos((Math.PI * done) / length)));
    const expected = [...cycle(4), ...cycle(8), ...cycle(16)];
    expected.forEach((rate, i) => expect(rateOf(own, i + 1, 28)).toBeCloseTo(rate, 12));
    const even = { kind: 'cosine-restarts', warmupSteps: 2, restartEvery: 3, finalFactor: 0 };
    const first = [3, 4, 5].map((step) => rateOf(even, step, 100));
    expect(first[0]).toBe(1);
    expect([6, 7, 8, 93, 94, 95].map((step) => rateOf(even, step, 100))).toEqual([
      ...[...first, ...first],
    ]);
  });

  it('falls by equal parts when linear', () => {
    const schedule = { kind: 'linear', finalFactor: 0.5 };
    expect([1, 2, 3, 4].map((step) => rateOf(schedule, step, 4))).toEqual([
      ...[0.875, 0.75, 0.625, 0.5],
    ]);
  });

  it('is multiplied after every so many steps, counted after the warm-up', () => {
    const schedule = { kind: 'step', warmupSteps: 2, decayEvery: 3, decayFactor: 0.5 };
    const rates = Array.from({ length: 11 }, (_, i) => rateOf(schedule, i + 1, 11));
    expect(rates).toEqual([0.5, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (step) => {
        const expected = 0.9 ** Math.floor((step - 1) / 7);
        const own = { kind: 'step', decayEvery: 7, decayFactor: 0.9 };
        expect(rateOf(own, step, 20_000)).toBeCloseTo(expected, 12);
      }),
    );
  });
});
