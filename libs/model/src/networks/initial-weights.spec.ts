import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildModel } from './build-model.js';
import { initialWeights } from './initial-weights.js';
import { inverseNormal, naturalLog } from './inverse-normal.js';
import { mnistCnn } from './mnist-cnn.js';

const model = buildModel(mnistCnn, [28, 28, 1], { classes: 10 });
const sha256 = (values: Float32Array): string =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex').slice(0, 16);

describe('initialWeights', () => {
  const weights = initialWeights(model, 1);
  const [large] = weights.slice(4);

  it('has one array per parameter, biases at 0.1', () => {
    expect(weights.map(({ length }) => length)).toEqual([
      800, 32, 51200, 64, 3211264, 1024, 10240, 10,
    ]);
    for (const biases of [1, 3, 5, 7]) {
      expect(weights[biases].every((value) => value === Math.fround(0.1))).toBe(true);
    }
  });

  it('is a normal distribution of deviation 0.1, cut at two deviations', () => {
    const mean = large.reduce((sum, value) => sum + value, 0) / large.length;
    const variance = large.reduce((sum, value) => sum + (value - mean) ** 2, 0) / large.length;
    expect(Math.abs(mean)).toBeLessThan(3e-4);
    // the deviation of a standard normal cut at ±2 is 0.8796
    expect(Math.abs(Math.sqrt(variance) - 0.08796)).toBeLessThan(1e-4);
    const largest = large.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(Math.fround(0.2));
    expect(largest).toBeGreaterThan(0.1999);
    const inner = large.reduce((count, value) => count + (Math.abs(value) < 0.1 ? 1 : 0), 0);
    expect(inner / large.length).toBeCloseTo(0.6827 / 0.9545, 3);
  });

  it('is the same every time, to the bit known here, and another with another seed', () => {
    expect(sha256(initialWeights(model, 1)[0])).toBe(sha256(weights[0]));
    expect(sha256(weights[0])).toBe('715303ebc0f46def');
    expect(sha256(initialWeights(model, 2)[0])).not.toBe(sha256(weights[0]));
  });
});

describe('inverseNormal', () => {
  it.each([
    [0.5, 0],
    [0.25, -0.6744897501960817],
    [0.001, -3.090232306167813],
    [1e-20, -9.262340089798408],
    [0.975, 1.959963984540054],
  ])('of %d is %d', (p, x) => {
    expect(Math.abs(inverseNormal(p) - x)).toBeLessThan(1e-14 * Math.max(1, Math.abs(x)));
  });

  it('rises and is odd about one half', () => {
    const probability = fc.double({ min: 1e-9, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(probability, probability, (a, b) => {
        if (a < b) expect(inverseNormal(a)).toBeLessThanOrEqual(inverseNormal(b));
        expect(inverseNormal(1 - a)).toBeCloseTo(-inverseNormal(a), 5);
      }),
    );
  });

  it('takes its logarithm from basic arithmetic, right to 1e-15', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        const error = Math.abs(naturalLog(x) - Math.log(x));
        expect(error).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(Math.log(x))));
      }),
    );
  });
});
