import { defaultRecipe, type OptimizerSpec, type ParameterSpec } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../spec-tensorflow.js';
import { applyUpdate } from '../apply-update.js';
import { disposeState, initialState, stateFromBytes, stateToBytes } from '../training-state.js';
import {
  optimizers,
  optimizerSettings,
  optimizerSpec,
  stateLayout,
  updateRule,
} from './registry.js';

const parameters: ParameterSpec[] = [
  { name: 'w', shape: [2, 2], gradient: 'dense' },
  { name: 'b', shape: [2], gradient: 'dense' },
];
const usual = defaultRecipe.optimizer;

beforeAll(loadTensorFlow);

describe.each(optimizers)('optimizer $name', ({ name, schema }) => {
  const spec = optimizerSpec(name, {}, usual);
  const layout = stateLayout({ model: { parameters }, optimizer: spec });
  const options = { optimizer: spec, steps: 4, batch: 2 };
  const first = [Float32Array.of(1, -2, 3, -4), Float32Array.of(0.5, 0.25)];
  const update = [
    { kind: 'dense', values: Float32Array.of(0.3, -0.7, 1.1, 0.9) },
    { kind: 'dense', values: Float32Array.of(-0.2, 0.4) },
  ] as const;

  it('has a learning rate among its settings', () => {
    expect(Object.keys(schema.shape)).toContain('learningRate');
  });

  it('gives the same bits whether the old state is kept or not, and leaks nothing', () => {
    const before = tf.memory().numTensors;
    let kept = initialState(tf, layout, first);
    let used = initialState(tf, layout, first);
    for (let step = 1; step <= 3; step++) {
      const next = applyUpdate(tf, kept, update, options, true);
      disposeState(kept);
      kept = next;
      used = applyUpdate(tf, used, update, options, false);
      expect(stateToBytes(used)).toEqual(stateToBytes(kept));
    }
    expect(Object.keys(kept.slots)).toEqual(layout.slots);
    disposeState(kept);
    disposeState(used);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('continues from the bytes of its state exactly as from memory', () => {
    const state = applyUpdate(tf, initialState(tf, layout, first), update, options, false);
    const restored = stateFromBytes(tf, layout, state.version, stateToBytes(state));
    const [expected, found] = [state, restored].map((each) =>
      stateToBytes(applyUpdate(tf, each, update, options, false)),
    );
    expect(found).toEqual(expected);
  });
});

describe('optimizerSpec', () => {
  it('takes the settings given, then those of the recipe', () => {
    expect(optimizerSpec('sgd', { momentum: 0.5 }, usual)).toEqual({
      ...usual,
      momentum: 0.5,
      weightDecay: 0,
    });
  });

  it('takes the defaults of the schema where the recipe is for another optimizer', () => {
    const other = { ...usual, kind: 'another', learningRate: 7 };
    expect(optimizerSpec('sgd', {}, other)).toEqual({ ...usual, weightDecay: 0 });
  });

  it('names each setting that the optimizer does not have or that is out of bounds', () => {
    const wrong = (): OptimizerSpec => optimizerSpec('sgd', { momentum: 1, beta1: 0.5 }, usual);
    expect(wrong).toThrow(/--momentum must be below 1, not 1/);
    expect(wrong).toThrow(/--beta1 is not a setting of optimizer sgd/);
    expect(() => optimizerSpec('sdg', {}, usual)).toThrow(/unknown optimizer sdg/);
  });
});

describe('a RunSpec with an optimizer that this version does not have', () => {
  it.each([
    [{ ...usual, kind: 'another' }, /optimizer is another, which this version does not have/],
    [{ ...usual, beta: 1 }, /settings of optimizer sgd are invalid/],
  ])('is refused by name: %o', (optimizer, message) => {
    expect(() => stateLayout({ model: { parameters }, optimizer })).toThrow(message);
    expect(() => updateRule(tf, optimizer)).toThrow(message);
  });
});

describe('optimizerSettings', () => {
  it('lists each setting once, with the optimizers that have it', () => {
    const momentum = optimizerSettings.find(({ key }) => key === 'momentum');
    expect(momentum).toMatchObject({ flag: 'momentum', type: 'number', default: 0.9 });
    expect(momentum?.optimizers).toContain('sgd');
    const rate = optimizerSettings.find(({ key }) => key === 'learningRate');
    expect(rate?.optimizers).toEqual(optimizers.map(({ name }) => name));
    expect(rate?.flag).toBe('learning-rate');
  });
});
