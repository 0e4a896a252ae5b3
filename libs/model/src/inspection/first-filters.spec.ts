import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadBackends, tensorOf } from '../../spec-backends.js';
import { buildModel } from '../networks/build-model.js';
import { firstFilters, type Filters } from './first-filters.js';
import type { LayerDefinition } from '../layers/registry.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { flatten } from '../layers/flatten.js';
import { maxPool2d } from '../layers/max-pool2d.js';

let weights: tf.Tensor[] = [];

beforeAll(loadBackends);
afterEach(() => tf.dispose(weights));

function filtersOf(layers: readonly LayerDefinition[], most = 64): Filters | undefined {
  const model = buildModel({ name: 'm', layers }, [6, 4, 2], { classes: 3 });
  weights = model.parameters.map(({ shape }, n) => tensorOf([...shape], n + 1));
  return firstFilters(model, weights, most);
}

const end = [flatten(), dense({ units: 'classes' })];

describe('firstFilters', () => {
  it("are a convolution's, one picture after another", () => {
    const filters = filtersOf([conv2d({ filters: 5, kernelSize: 3 }), ...end]);
    expect(filters).toMatchObject({
      ...{ layer: 'conv1', kind: 'conv2d', height: 3, width: 3, channels: 2, filterCount: 5 },
    });
    const kernel = weights[0].arraySync() as number[][][][];
    // filter 4, row 2, column 1, channel 1
    expect(filters!.values[((4 * 3 + 2) * 3 + 1) * 2 + 1]).toBe(kernel[2][1][1][4]);
  });

  it('are the weights of each unit where the first layer is dense', () => {
    const filters = filtersOf(end);
    expect(filters).toMatchObject({ kind: 'dense', height: 6, width: 4, channels: 2 });
    const matrix = weights[0].arraySync() as number[][];
    expect(filters!.values[1 * 48 + 7]).toBe(matrix[7][1]);
  });

  it('are no more than asked for, and none where the image does not reach the weights as it is', () => {
    const few = filtersOf([conv2d({ filters: 5, kernelSize: 3 }), ...end], 2);
    expect(few).toMatchObject({ filterCount: 5 });
    expect(few!.values).toHaveLength(2 * 3 * 3 * 2);
    expect(filtersOf([maxPool2d(2), ...end])).toBeUndefined();
  });
});
