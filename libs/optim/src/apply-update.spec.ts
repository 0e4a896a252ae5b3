import type { Gradient, OptimizerSpec, ParameterSpec, StateLayout, StepSums } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../spec-tensorflow.js';
import { applyUpdate } from './apply-update.js';
import { stateLayout } from './optimizers/registry.js';
import {
  disposeState,
  initialState,
  stateFromBytes,
  stateToBytes,
  weightsSha256,
  type TrainingState,
} from './training-state.js';

const parameters: ParameterSpec[] = [
  { name: 'w', shape: [2, 3], gradient: 'factored' },
  { name: 'b', shape: [3], gradient: 'dense' },
];
const optimizer = (learningRate: number, momentum: number): OptimizerSpec => ({
  kind: 'sgd',
  learningRate,
  momentum,
  schedule: { kind: 'cosine', warmupSteps: 2, finalFactor: 0.1 },
});

const layoutOf = (spec: OptimizerSpec): StateLayout =>
  stateLayout({ model: { parameters }, optimizer: spec });

const floats = (length: number): fc.Arbitrary<Float32Array> =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -4, max: 4 });
const update = fc.integer({ min: 1, max: 4 }).chain((rows) =>
  fc
    .tuple(floats(rows * 2), floats(rows * 3), floats(3))
    .map(([inputs, deltas, values]): Gradient => [
      { kind: 'factored', rows, inputs, deltas },
      { kind: 'dense', values },
    ]),
);

/** The schedule above over 5 steps, learning rate 0.1. */
const rateAt = (step: number): number =>
  step <= 2 ? 0.05 * step : 0.1 * (0.1 + 0.45 * (1 + Math.cos((Math.PI * (step - 2)) / 3)));

/** The same update as dense values, in double precision. */
function multiplyOut([first, second]: Gradient): number[][] {
  const product = Array.from({ length: 6 }, (_, at) => {
    if (first.kind === 'dense') return first.values[at];
    let sum = 0;
    for (let row = 0; row < first.rows; row++) {
      sum += first.inputs[row * 2 + Math.floor(at / 3)] * first.deltas[row * 3 + (at % 3)];
    }
    return sum;
  });
  return [product, second.kind === 'dense' ? [...second.values] : []];
}

const sumsOf = (gradient: Gradient): StepSums => ({ gradient, bufferChanges: [] });

const values = (tensors: readonly tf.Tensor[]): number[][] =>
  tensors.map((tensor) => [...tensor.dataSync()]);

beforeAll(loadTensorFlow);

describe('applyUpdate', () => {
  it.each([0, 0.9])('follows the formula with momentum %d', (momentum) => {
    fc.assert(
      fc.property(
        fc.tuple(floats(6), floats(3)),
        fc.array(update, { minLength: 1, maxLength: 4 }),
        (first, updates) => {
          const spec = optimizer(0.1, momentum);
          let state = initialState(tf, layoutOf(spec), first);
          let weights = first.map((part) => [...part]);
          let velocity = weights.map((part) => part.map(() => 0));
          updates.forEach((entry, i) => {
            state = applyUpdate(
              tf,
              state,
              sumsOf(entry),
              { optimizer: spec, steps: 5, batch: 4 },
              false,
            );
            const rate = rateAt(i + 1);
            const gradient = multiplyOut(entry);
            velocity = velocity.map((part, p) =>
              part.map((v, k) => momentum * v + gradient[p][k] / 4),
            );
            weights = weights.map((part, p) => part.map((w, k) => w - rate * velocity[p][k]));
          });
          expect(state.version).toBe(updates.length);
          expect(Object.keys(state.slots)).toEqual(momentum === 0 ? [] : ['velocity']);
          if (momentum !== 0) expect(state.slots['velocity']).toHaveLength(2);
          values(state.weights).forEach((part, p) =>
            part.forEach((value, k) => expect(value).toBeCloseTo(weights[p][k], 4)),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  const initial = (momentum: number): TrainingState =>
    initialState(tf, layoutOf(optimizer(0.1, momentum)), [
      Float32Array.of(1, 2, 3, 4, 5, 6),
      Float32Array.of(0.1, 0.2, 0.3),
    ]);
  const some = sumsOf([
    { kind: 'factored', rows: 1, inputs: Float32Array.of(1, 2), deltas: Float32Array.of(3, 4, 5) },
    { kind: 'dense', values: Float32Array.of(1, 1, 1) },
  ]);

  it.each([0, 0.9])('keeps the old state and leaks nothing with momentum %d', (momentum) => {
    const options = { optimizer: optimizer(0.1, momentum), steps: 5, batch: 4 };
    const before = tf.memory().numTensors;
    const old = initial(momentum);
    const hash = weightsSha256(old.weights);
    const next = applyUpdate(tf, old, some, options, true);
    const again = applyUpdate(tf, old, some, options, true);
    expect(weightsSha256(old.weights)).toBe(hash);
    expect(weightsSha256(next.weights)).not.toBe(hash);
    expect(stateToBytes(again)).toEqual(stateToBytes(next));
    [old, next, again].forEach(disposeState);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([0, 0.9])(
    'uses an old state up where it may, to the same bits, momentum %d',
    (momentum) => {
      const options = { optimizer: optimizer(0.1, momentum), steps: 5, batch: 4 };
      const before = tf.memory().numTensors;
      const kept = initial(momentum);
      const expected = applyUpdate(tf, kept, some, options, true);
      const next = applyUpdate(tf, initial(momentum), some, options, false);
      expect(stateToBytes(next)).toEqual(stateToBytes(expected));
      [kept, expected, next].forEach(disposeState);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('refuses an update of another model', () => {
    const options = { optimizer: optimizer(0.1, 0), steps: 5, batch: 4 };
    const shorter = sumsOf(some.gradient.slice(1));
    expect(() => applyUpdate(tf, initial(0), shorter, options, true)).toThrow(/1 entries for 2/);
  });

  it.each([0, 0.9])('goes on from bytes exactly as from memory, momentum %d', (momentum) => {
    const options = { optimizer: optimizer(0.1, momentum), steps: 5, batch: 4 };
    const layout = layoutOf(options.optimizer);
    const state = applyUpdate(tf, initial(momentum), some, options, false);
    const bytes = stateToBytes(state);
    expect(bytes).toHaveLength(4 * 9 * (momentum === 0 ? 1 : 2));
    // one byte off, so that the view is not aligned
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    const restored = stateFromBytes(tf, layout, state.version, shifted);
    expect(stateToBytes(applyUpdate(tf, restored, some, options, true))).toEqual(
      stateToBytes(applyUpdate(tf, state, some, options, true)),
    );
    expect(() => stateFromBytes(tf, layout, 1, bytes.subarray(4))).toThrow(/bytes, not/);
  });
});

describe('weightsSha256', () => {
  it('is the SHA-256 of the little-endian floats in order', () => {
    const weights = [Float32Array.of(1, -2), Float32Array.of(0.5)];
    // printf '\x00\x00\x80\x3f\x00\x00\x00\xc0\x00\x00\x00\x3f' | sha256sum
    const expected = '2ce4bdb6b34a50ac7092eb9fee94337a27498e9eb9bae44192f15b88831b2422';
    expect(weightsSha256(weights)).toBe(expected);
    expect(weightsSha256(weights.map((part) => tf.tensor(part)))).toBe(expected);
    expect(weightsSha256([...weights].reverse())).not.toBe(expected);
  });
});
