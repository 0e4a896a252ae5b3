import type { Gradient, OptimizerSpec, ParameterSpec } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../spec-tensorflow.js';
import { applyUpdate } from './apply-update.js';
import { evaluatedWeights } from './moving-average.js';
import { stateLayout } from './optimizers/registry.js';
import { disposeState, initialState, stateFromBytes, stateToBytes } from './training-state.js';

const parameters: ParameterSpec[] = [{ name: 'w', shape: [1, 2], gradient: 'dense' }];
const gradient: Gradient = [{ kind: 'dense', values: Float32Array.of(0.3, -0.7) }];
const kinds: OptimizerSpec[] = [
  { kind: 'sgd', learningRate: 0.1, momentum: 0.9, schedule: { kind: 'constant' } },
  { kind: 'adam', learningRate: 0.1, schedule: { kind: 'constant' } },
];

beforeAll(loadTensorFlow);

describe.each(kinds)('the average of the weights, with $kind', (optimizer) => {
  const options = { optimizer, steps: 30, batch: 1, ema: 0.6 };
  const model = { parameters, buffers: [{ name: 'mean', shape: [1] }] };
  const layout = stateLayout({ model, ...options });
  const plain = stateLayout({ model, optimizer });
  const initial = [[Float32Array.of(1, -2)], [Float32Array.of(3)]] as const;
  const update = { gradient, bufferChanges: [Float32Array.of(0.5)] };

  it('follows its formula, and does not change the training', () => {
    let state = initialState(tf, layout, ...initial);
    let without = initialState(tf, plain, ...initial);
    let expected = [1, -2];
    const before = tf.memory().numTensors;
    for (let step = 1; step <= 30; step++) {
      state = applyUpdate(tf, state, update, options, false);
      without = applyUpdate(tf, without, update, { optimizer, steps: 30, batch: 1 }, false);
      const kept = Math.min(0.6, (1 + step) / (10 + step));
      const [weights] = state.weights.map((each) => [...each.dataSync()]);
      expected = expected.map((value, k) => kept * value + (1 - kept) * weights[k]);
      expect(weights).toEqual([...without.weights[0].dataSync()]);
    }
    const [average] = evaluatedWeights(state).map((each) => [...each.dataSync()]);
    average.forEach((value, k) => expect(value).toBeCloseTo(expected[k], 5));
    expect(evaluatedWeights(without)).toBe(without.weights);
    expect([...state.buffers[0].dataSync()]).toEqual([18]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is part of the state’s bytes', () => {
    const first = applyUpdate(tf, initialState(tf, layout, ...initial), update, options, true);
    const bytes = stateToBytes(first);
    const restored = stateFromBytes(tf, layout, 1, bytes);
    expect(stateToBytes(restored)).toEqual(bytes);
    expect(restored.slots).toHaveProperty('average');
    disposeState(first);
    disposeState(restored);
  });
});
