import type { ModelSpec } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { chooseObjective, type LossChoice } from './choose-objective.js';
import type { ObjectiveDefinition } from './definition.js';
import { measureOf } from './measure.js';
import { betterOf } from '../metrics/registry.js';

const ten = { outputs: 10, target: { classes: 10 } };
const bit = { outputs: 1, target: { classes: 2 } };
const value = { outputs: 1, target: { values: 1 } };
const none: LossChoice = { given: {} };
const perSample = (): never => {
  throw new Error('not called');
};

describe('the loss and the metrics of a run', () => {
  it.each([
    [ten, { loss: { kind: 'cross-entropy', labelSmoothing: 0 }, metrics: ['accuracy'] }],
    [bit, { loss: { kind: 'sigmoid-cross-entropy', labelSmoothing: 0 }, metrics: ['accuracy'] }],
    [value, { loss: { kind: 'mean-squared' }, metrics: ['mae'] }],
  ])('follow the target: %j', (place, expected) => {
    expect(chooseObjective({}, none, place)).toEqual(expected);
  });

  it('are those of the model file, and its settings those of the options', () => {
    const definition: ObjectiveDefinition = {
      loss: { kind: 'cross-entropy', labelSmoothing: 0.1 },
      metrics: ['top5', { mine: perSample }],
    };
    const given = { classWeights: [1, 1, 1, 1, 1, 1, 1, 1, 1, 2] };
    expect(chooseObjective(definition, { given }, ten)).toEqual({
      loss: { kind: 'cross-entropy', labelSmoothing: 0.1, ...given },
      metrics: ['accuracy', 'top5', 'mine'],
    });
    const huber = chooseObjective({ loss: 'mean-absolute' }, { loss: 'huber', given: {} }, value);
    expect(huber.loss).toEqual({ kind: 'huber', huberDelta: 1 });
  });

  it('may be functions of the model file', () => {
    const own = { metrics: { mine: perSample } };
    expect(chooseObjective({ loss: perSample, ...own }, none, value)).toEqual({
      loss: { kind: 'custom' },
      metrics: ['mae', 'mine'],
    });
    expect(chooseObjective({ loss: { shard: perSample } }, none, value).loss).toEqual({
      kind: 'custom',
      shard: true,
    });
  });

  it('begin with the metric that the model file names first, and know which value is better', () => {
    const lower = { value: perSample, better: 'lower' } as const;
    const metrics = [{ error: lower, share: perSample }, 'r2'];
    const spec = chooseObjective({ metrics }, none, value);
    expect(spec).toMatchObject({ metrics: ['error', 'share', 'r2'], lowerIsBetter: ['error'] });
    expect(measureOf({ model: spec as ModelSpec })).toMatchObject({
      ...{ metric: 'error', better: 'lower' },
    });
    expect(betterOf(spec, 'share')).toBe('higher');
    expect(betterOf(spec, 'mae')).toBe('lower');
    expect(chooseObjective({ metrics: [{ error: lower }, 'top5'] }, none, ten).metrics).toEqual([
      ...['accuracy', 'error', 'top5'],
    ]);
  });

  it.each<[ObjectiveDefinition, LossChoice, typeof ten | typeof value, RegExp]>([
    [{}, { loss: 'mean-squared', given: {} }, ten, /mean-squared needs values/],
    [{}, none, { ...ten, outputs: 9 }, /needs 10 outputs.*the network has 9/],
    [{}, { given: { classWeights: [1, 2] } }, ten, /2 class weights, and the data has 10/],
    [{}, { given: { labelSmoothing: 0.1 } }, value, /--label-smoothing is not a setting of loss/],
    [{}, { given: { labelSmoothing: 1 } }, ten, /--label-smoothing must be below 1, not 1/],
    [{ loss: 'hinge' }, none, ten, /unknown loss hinge/],
    [{ loss: perSample }, { given: { huberDelta: 2 } }, value, /own loss has no settings/],
    [{ metrics: ['auc'] }, none, ten, /auc needs two classes/],
    [{ metrics: ['f1'] }, none, ten, /f1 is not registered/],
    [{ metrics: { auc: perSample } }, none, ten, /name of a registered metric/],
  ])('are refused where they do not fit: %j %j %j', (definition, choice, place, message) => {
    expect(() => chooseObjective(definition, choice, place)).toThrow(message);
  });
});
