import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBackends, numbers, tensorOf } from '../../spec-backends.js';
import { sampleGradient, sampleTensor, spreadIndices } from './sample-values.js';

beforeAll(loadBackends);

describe('spreadIndices', () => {
  it('stays below the size, and leaves no large hole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e7 }),
        fc.integer({ min: 8, max: 500 }),
        (size, most) => {
          const sorted = [...spreadIndices(size, most)].sort((a, b) => a - b);
          expect(sorted).toHaveLength(Math.min(size, most));
          const edges = [0, ...sorted, size];
          const widest = Math.max(...edges.slice(1).map((edge, n) => edge - edges[n]));
          expect(widest).toBeLessThanOrEqual((4 * size) / sorted.length + 1);
        },
      ),
    );
  });
});

describe('sampleTensor', () => {
  it('gives all of a small one and some of a large one, and keeps no tensor', () => {
    const tensor = tensorOf([30, 40]);
    const before = tf.memory().numTensors;
    expect(sampleTensor(tensor, 1200)).toEqual(tensor.dataSync());
    const all = new Set(tensor.dataSync());
    const some = sampleTensor(tensor, 100);
    expect(some).toHaveLength(100);
    expect(some.every((value) => all.has(value))).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    tensor.dispose();
  });
});

describe('sampleGradient', () => {
  const [rows, shape] = [5, [60, 20] as const];
  const inputs = numbers(rows * 60, 2);
  const deltas = numbers(rows * 20, 3);
  const factored = { kind: 'factored', rows, inputs, deltas } as const;
  const multiplied = (): Float32Array =>
    tf.tidy(() =>
      tf
        .matMul(tf.tensor2d(inputs, [rows, 60]), tf.tensor2d(deltas, [rows, 20]), true)
        .dataSync<'float32'>(),
    );

  it('of factors is their product, whole or in part', () => {
    const product = multiplied();
    const whole = sampleGradient(factored, shape, 1200);
    whole.forEach((value, i) => expect(value).toBeCloseTo(product[i], 5));
    const part = sampleGradient(factored, shape, 100);
    expect(part.length).toBeLessThanOrEqual(100);
    expect(part.length).toBeGreaterThan(50);
    for (const value of part) {
      expect(product.some((each) => Math.abs(each - value) < 1e-5)).toBe(true);
    }
  });

  it('of a dense one are its values', () => {
    const dense = { kind: 'dense', values: numbers(50) } as const;
    expect(sampleGradient(dense, [50], 50)).toEqual(dense.values);
    expect(sampleGradient(dense, [50], 10)).toHaveLength(10);
  });
});
