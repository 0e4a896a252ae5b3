import { defaultRecipe, tutorialRecipe } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optimizerSpec, type OptimizerChoice } from './optimizer-spec.js';
import { optimizers } from './optimizers/registry.js';
import { learningRateAt, schedules } from './schedules/registry.js';

const usual = defaultRecipe.optimizer;
const constant = tutorialRecipe.optimizer;
const steps = 6000;

const chosen = (choice: Partial<OptimizerChoice>, recipe = usual) =>
  optimizerSpec({ given: {}, steps, ...choice }, recipe);

describe('the optimizer of a RunSpec', () => {
  it('has the settings given, then those of the recipe', () => {
    expect(chosen({})).toEqual({ ...usual, weightDecay: 0 });
    expect(chosen({ given: { momentum: 0.5 } })).toEqual({
      ...{ ...usual, momentum: 0.5, weightDecay: 0 },
    });
  });

  it('has the defaults of the schema where the recipe is for another optimizer', () => {
    const other = { ...usual, kind: 'another', learningRate: 7 };
    expect(chosen({ optimizer: 'sgd' }, other)).toEqual({ ...usual, weightDecay: 0 });
  });
});

describe('the schedule of a RunSpec', () => {
  it('is the recipe’s own, to the letter, where nothing else is given', () => {
    expect(chosen({}, constant).schedule).toEqual({ kind: 'constant' });
    const given = { warmupSteps: 0 };
    expect(chosen({ schedule: 'constant', given }, constant).schedule).toEqual({
      kind: 'constant',
    });
  });

  it('has the settings given, and the warm-up of the recipe', () => {
    expect(chosen({ given: { warmupSteps: 7 } }).schedule).toEqual({
      ...{ kind: 'cosine', warmupSteps: 7, finalFactor: 0 },
    });
    expect(chosen({ schedule: 'step', given: { decayEvery: 9 } }).schedule).toEqual({
      ...{ kind: 'step', warmupSteps: 30, decayEvery: 9, decayFactor: 0.1 },
    });
    expect(chosen({ schedule: 'linear', given: { finalFactor: 0.5 } }, constant).schedule).toEqual({
      ...{ kind: 'linear', finalFactor: 0.5 },
    });
  });

  it('keeps the recipe’s warm-up of 30 steps in a run of 60, and shortens it in a shorter one', () => {
    const warmup = (total: number) => chosen({ steps: total }).schedule.warmupSteps;
    expect([60, 61, 6000, 20, 1].map(warmup)).toEqual([30, 30, 30, 10, 1]);
  });

  it('lets every run reach its learning rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (total) => {
        const optimizer = chosen({ steps: total });
        const rates = Array.from({ length: total }, (_, i) =>
          learningRateAt(optimizer, i + 1, total),
        );
        expect(Math.max(...rates)).toBeCloseTo(usual.learningRate, 12);
      }),
    );
  });
});

describe('settings that are wrong', () => {
  it('are named, each of them: those of the optimizer and of the schedule', () => {
    const given = { momentum: 1, beta1: 0.5, decayEvery: 5, finalFactor: 2 };
    const wrong = (): unknown => chosen({ optimizer: 'sgd', given });
    expect(wrong).toThrow(/--momentum must be below 1, not 1/);
    expect(wrong).toThrow(/--beta1 is not a setting of optimizer sgd/);
    expect(wrong).toThrow(/--decay-every is not a setting of schedule cosine/);
    expect(wrong).toThrow(/--final-factor must be at most 1, not 2/);
    expect(() => chosen({ optimizer: 'sdg' })).toThrow(/unknown optimizer sdg/);
    expect(() => chosen({ schedule: 'sine' })).toThrow(/unknown schedule sine/);
  });

  it('include a warm-up that leaves no step to the schedule', () => {
    const given = { warmupSteps: 60 };
    expect(() => chosen({ steps: 60, given })).toThrow(/--warmup-steps must be below the 60 steps/);
    expect(chosen({ steps: 61, given }).schedule.warmupSteps).toBe(60);
  });
});

it('has no setting that an optimizer and a schedule share: each becomes one option', () => {
  const keys = [...optimizers.settings, ...schedules.settings].map(({ key }) => key);
  expect(new Set([...keys, 'optimizer', 'schedule']).size).toBe(keys.length + 2);
});
