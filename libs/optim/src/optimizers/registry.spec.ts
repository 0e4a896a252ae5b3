import { defaultRecipe, type ParameterSpec, type StepSums } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../spec-tensorflow.js';
import { applyUpdate } from '../apply-update.js';
import { optimizerSpec } from '../optimizer-spec.js';
import {
  disposeState,
  initialState,
  stateFromBytes,
  stateToBytes,
  type TrainingState,
} from '../training-state.js';
import { optimizers, stateLayout, updateRule } from './registry.js';

const parameters: ParameterSpec[] = [
  { name: 'w', shape: [2, 2], gradient: 'dense' },
  { name: 'b', shape: [2], gradient: 'dense' },
];
const usual = defaultRecipe.optimizer;

beforeAll(loadTensorFlow);

describe.each(optimizers.entries)('optimizer $name', ({ name, schema }) => {
  const spec = optimizerSpec({ optimizer: name, given: {}, steps: 4 }, usual);
  const model = { parameters, buffers: [{ name: 'mean', shape: [2] }] };
  const layout = stateLayout({ model, optimizer: spec });
  const options = { optimizer: spec, steps: 4, batch: 2, clipNorm: 0.1 };
  const first = [Float32Array.of(1, -2, 3, -4), Float32Array.of(0.5, 0.25)];
  const means = [Float32Array.of(3, -5)];
  const initial = (): TrainingState => initialState(tf, layout, first, means);
  const update: StepSums = {
    gradient: [
      { kind: 'dense', values: Float32Array.of(0.3, -0.7, 1.1, 0.9) },
      { kind: 'dense', values: Float32Array.of(-0.2, 0.4) },
    ],
    bufferChanges: [Float32Array.of(1, -4)],
  };

  it('has a learning rate among its settings', () => {
    expect(Object.keys(schema.shape)).toContain('learningRate');
  });

  it('gives the same bits whether the old state is kept or not, and leaks nothing', () => {
    const before = tf.memory().numTensors;
    let kept = initial();
    let used = initial();
    for (let step = 1; step <= 3; step++) {
      const next = applyUpdate(tf, kept, update, options, true);
      disposeState(kept);
      kept = next;
      used = applyUpdate(tf, used, update, options, false);
      expect(stateToBytes(used)).toEqual(stateToBytes(kept));
    }
    expect(Object.keys(kept.slots)).toEqual(layout.slots);
    // Three times the change of the mean over a batch of 2.
    expect([...kept.buffers[0].dataSync()]).toEqual([4.5, -11]);
    disposeState(kept);
    disposeState(used);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('continues from the bytes of its state exactly as from memory', () => {
    const state = applyUpdate(tf, initial(), update, options, false);
    const restored = stateFromBytes(tf, layout, state.version, stateToBytes(state));
    const [expected, found] = [state, restored].map((each) =>
      stateToBytes(applyUpdate(tf, each, update, options, false)),
    );
    expect(found).toEqual(expected);
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

  it.each([
    [{ kind: 'another' }, /schedule is another, which this version does not have/],
    [{ kind: 'cosine', warmupSteps: 3, beta: 1 }, /settings of schedule cosine are invalid/],
  ])('or such a schedule is refused before its first step: %o', (schedule, message) => {
    const optimizer = { ...usual, schedule };
    expect(() => stateLayout({ model: { parameters }, optimizer })).toThrow(message);
  });
});

describe('the settings of the optimizers', () => {
  it('are listed once each, with the optimizers that have them', () => {
    const momentum = optimizers.settings.find(({ key }) => key === 'momentum');
    expect(momentum).toMatchObject({ type: 'number', default: 0.9 });
    expect(momentum?.entries).toContain('sgd');
    const rate = optimizers.settings.find(({ key }) => key === 'learningRate');
    expect(rate?.entries).toEqual(optimizers.entries.map(({ name }) => name));
  });
});
