import { describe, expect, it } from 'vitest';
import { buildModel } from '../networks/build-model.js';
import { initialWeights } from '../networks/initial-weights.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import { flatten } from './flatten.js';

const definition = {
  name: 'wide',
  layers: [conv2d({ filters: 64, kernelSize: 5 }), flatten(), dense({ units: 'classes' })],
};

const variance = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value * value, 0) / values.length;

describe('initialisation', () => {
  it('`he` gives weights the variance 2 / fan-in, and biases 0', () => {
    const model = buildModel(definition, [8, 8, 4], { classes: 10 }, 'wide.mjs', 'he');
    const [filters, filterBiases, weights, biases] = initialWeights(model, 3);
    expect(variance(filters) / (2 / (5 * 5 * 4))).toBeCloseTo(1, 1);
    expect(variance(weights) / (2 / (8 * 8 * 64))).toBeCloseTo(1, 1);
    expect([...filterBiases, ...biases].every((value) => value === 0)).toBe(true);
  });

  it('`tutorial` has deviation 0.1 and biases 0.1 everywhere', () => {
    const model = buildModel(definition, [8, 8, 4], { classes: 10 }, 'wide.mjs');
    const [filters, , weights, biases] = initialWeights(model, 3);
    const cut = 0.8796256610342398 ** 2;
    expect(variance(filters) / (0.01 * cut)).toBeCloseTo(1, 1);
    expect(variance(weights) / (0.01 * cut)).toBeCloseTo(1, 1);
    expect(biases.every((value) => value === Math.fround(0.1))).toBe(true);
  });

  it.each([
    ['glorot', 2 / (144 + 900), 2 / (16 + 10)],
    ['lecun', 1 / 144, 1 / 16],
    ['zeros', 0, 0],
  ] as const)("`%s` of a layer comes before the model's", (initialiser, first, second) => {
    const layers = [
      conv2d({ filters: 100, kernelSize: 3, initialiser }),
      flatten(),
      dense({ units: 'classes', initialiser }),
    ];
    const model = buildModel({ name: 'own', layers }, [1, 1, 16], { classes: 10 });
    const [filters, filterBiases] = initialWeights(model, 3);
    expect(variance(filters)).toBeCloseTo(first, 4);
    expect(filterBiases.every((value) => value === 0)).toBe(true);
    const last = buildModel({ name: 'own', layers: [flatten(), ...layers.slice(2)] }, [1, 1, 16], {
      classes: 10,
    });
    expect(variance(initialWeights(last, 3)[0])).toBeCloseTo(second, 1);
  });
});
