import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS, loadBackends, numbers, relativeError, tensorOf } from '../../spec-backends.js';
import { addBias, biasGradient, reluGradient } from './elementwise.js';
import { inputGradient, multiply, weightGradient } from './matrix-product.js';
import { classObjective } from '../../spec-objective.js';
import { countCorrect, mostLikely } from '../metrics/accuracy.js';

beforeAll(loadBackends);

describe.each(BACKENDS)('kernels on %s', (backend) => {
  beforeEach(() => tf.setBackend(backend));

  it('ReLU passes dy only where x is positive; at 0 it does not', () => {
    const dx = reluGradient(tf, tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([-1, 0, 1e-20, 5]));
    expect([...dx.dataSync()]).toEqual([0, 0, 3, 4]);
  });

  it.each([[[4, 3]], [[2, 3, 5, 3]]])(
    'bias of shape %j: added to and summed per channel',
    (shape) => {
      const [x, bias] = [tensorOf(shape, 1), tensorOf([3], 2)];
      const channels = (values: ArrayLike<number>): number[] =>
        [0, 1, 2].map((c) =>
          Array.from(values).reduce((sum, v, i) => (i % 3 === c ? sum + v : sum), 0),
        );
      const rows = x.size / 3;
      const shift = channels(bias.dataSync()).map((value) => value * rows);
      const before = channels(x.dataSync());
      const after = channels(addBias(tf, x, bias).dataSync());
      expect(
        relativeError(
          after,
          before.map((value, c) => value + shift[c]),
        ),
      ).toBeLessThan(1e-6);
      expect(relativeError(biasGradient(tf, x).dataSync(), before)).toBeLessThan(1e-6);
    },
  );

  it('dense products equal sums written out', () => {
    const [batch, inputs, outputs] = [3, 5, 4];
    const [x, w, dy] = [
      numbers(batch * inputs, 1),
      numbers(inputs * outputs, 2),
      numbers(batch * outputs, 3),
    ];
    const sum = (count: number, term: (k: number) => number): number =>
      Array.from({ length: count }, (_, k) => term(k)).reduce((a, b) => a + b);
    const table = (rows: number, columns: number, at: (i: number, j: number) => number): number[] =>
      Array.from({ length: rows * columns }, (_, n) => at(Math.floor(n / columns), n % columns));
    const [X, W, D] = [
      tf.tensor(x, [batch, inputs]),
      tf.tensor(w, [inputs, outputs]),
      tf.tensor(dy, [batch, outputs]),
    ];
    const y = table(batch, outputs, (i, j) =>
      sum(inputs, (k) => x[i * inputs + k] * w[k * outputs + j]),
    );
    const dx = table(batch, inputs, (i, j) =>
      sum(outputs, (k) => dy[i * outputs + k] * w[j * outputs + k]),
    );
    const dw = table(inputs, outputs, (i, j) =>
      sum(batch, (k) => x[k * inputs + i] * dy[k * outputs + j]),
    );
    expect(relativeError(multiply(tf, X, W).dataSync(), y)).toBeLessThan(1e-6);
    expect(relativeError(inputGradient(tf, D, W).dataSync(), dx)).toBeLessThan(1e-6);
    expect(relativeError(weightGradient(tf, X, D).dataSync(), dw)).toBeLessThan(1e-6);
  });

  it('cross-entropy equals the textbook formula and its delta the finite difference', () => {
    const logits = numbers(12, 4).map((value) => value * 5);
    const labels = Int32Array.of(2, 0, 3);
    const loss = (values: Float32Array | number[]): number =>
      [0, 1, 2].reduce((total, row) => {
        const own = Array.from(values).slice(row * 4, row * 4 + 4);
        return total + Math.log(own.reduce((s, v) => s + Math.exp(v), 0)) - own[labels[row]];
      }, 0);
    const result = classObjective().loss(tf.tensor(logits, [3, 4]), labels);
    expect(result.lossSum).toBeCloseTo(loss(logits), 4);
    const differences = Array.from(logits, (_, i) => {
      const at = (shift: number): number[] =>
        Array.from(logits, (v, k) => (k === i ? v + shift : v));
      return (loss(at(1e-4)) - loss(at(-1e-4))) / 2e-4;
    });
    expect(relativeError(result.delta.dataSync(), differences)).toBeLessThan(1e-5);
  });

  it('cross-entropy stays finite for logits whose exponential overflows', () => {
    const logits = tf.tensor([1000, -1000, -2000, 3000], [2, 2]);
    const labels = Int32Array.of(0, 0);
    const { lossSum, delta } = classObjective().loss(logits, labels);
    const correctCount = countCorrect(mostLikely(tf, logits), labels);
    expect(lossSum).toBe(5000);
    expect(correctCount).toBe(1);
    expect([...delta.dataSync()]).toEqual([0, 0, -1, 1]);
  });
});
