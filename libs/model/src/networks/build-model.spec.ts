import { LockstepError } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBackends, tensorOf } from '../../spec-backends.js';
import { buildModel, numberTensors, poolFirst } from './build-model.js';
import { mnistCnn } from './mnist-cnn.js';
import { parametersFor } from './model.js';
import { initialWeights } from './initial-weights.js';
import { runForward } from './run-network.js';

const digits = [28, 28, 1] as const;
const failure = (layers: unknown): LockstepError => {
  try {
    buildModel({ name: 'bad', layers }, digits, { classes: 10 }, 'bad.mjs');
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
  throw new Error('the model was accepted');
};

describe('buildModel', () => {
  it("infers the tutorial's network", () => {
    const model = buildModel(mnistCnn, digits, { classes: 10 });
    expect(
      model.summary.map(({ name, outputShape }) => `${name} ${outputShape.join('×')}`),
    ).toEqual([
      'conv1 28×28×32',
      'relu1 28×28×32',
      'pool1 14×14×32',
      'conv2 14×14×64',
      'relu2 14×14×64',
      'pool2 7×7×64',
      'flatten1 3136',
      'fc1 1024',
      'relu3 1024',
      'dropout1 1024',
      'fc2 10',
    ]);
    expect(model.summary.reduce((sum, layer) => sum + layer.parameterCount, 0)).toBe(3_274_634);
    expect(model.parameters.map(({ name, shape }) => `${name} ${shape.join('×')}`)).toEqual([
      'conv1/weights 5×5×1×32',
      'conv1/biases 32',
      'conv2/weights 5×5×32×64',
      'conv2/biases 64',
      'fc1/weights 3136×1024',
      'fc1/biases 1024',
      'fc2/weights 1024×10',
      'fc2/biases 10',
    ]);
  });

  it.each([
    [[], 'layers'],
    [[{ kind: 'lstm' }], 'kind'],
    [[{ kind: 'flatten' }, { kind: 'dense', units: 0 }], 'units'],
    [[{ kind: 'flatten' }, { kind: 'dense', units: 10, activation: 'relu' }], 'activation'],
    [
      [{ kind: 'dense', units: 10 }],
      'layer fc1: it needs [units] and is given [28, 28, 1]: flatten() first',
    ],
    [
      [{ kind: 'flatten' }, { kind: 'conv2d', filters: 1, kernelSize: 1 }],
      'layer conv1: it needs an image',
    ],
    [
      [{ kind: 'conv2d', filters: 1, kernelSize: 29, padding: 'valid' }],
      'layer conv1: its 29×29 filter',
    ],
    [
      [{ kind: 'flatten' }, { kind: 'dense', units: 9 }],
      'the data has 10 classes, so [10] is needed',
    ],
    [[{ kind: 'flatten' }], 'its output is [784]'],
    [[{ kind: 'flatten' }, { kind: 'softmax' }], 'its last layer is softmax, which the loss'],
    [
      [
        { kind: 'flatten' },
        { kind: 'dense', name: 'a', units: 5 },
        { kind: 'dense', name: 'a', units: 10 },
      ],
      'two of its layers are called a',
    ],
    [
      [{ kind: 'flatten' }, { kind: 'dense', units: 2 ** 30 }, { kind: 'dense', units: 10 }],
      'parameters, more than',
    ],
  ])('refuses %j', (layers, message) => {
    const error = failure(layers);
    expect(error.code).toBe('model-invalid');
    expect(error.message).toContain('bad.mjs');
    expect(error.message).toContain(message);
  });

  it('meets any value with a model or a LockstepError', () => {
    fc.assert(
      fc.property(fc.anything(), (definition) => {
        try {
          buildModel(definition, digits, { classes: 10 });
        } catch (error) {
          expect(error).toBeInstanceOf(LockstepError);
        }
      }),
    );
  });
});

describe('pooling before biases and ReLUs', () => {
  beforeAll(loadBackends);

  it('gives the bits of the layers in the order written', async () => {
    await tf.setBackend('tensorflow');
    const model = buildModel(mnistCnn, digits, { classes: 10 });
    const written = numberTensors(model.layers);
    const moved = poolFirst(written);
    expect(moved).not.toEqual(written);
    expect(new Set(moved)).toEqual(new Set(written));
    const weights = initialWeights(model, 4).map((v, i) =>
      tf.tensor(v, [...model.parameters[i].shape]),
    );
    const images = tensorOf([3, 28, 28, 1]);
    const logits = [written, moved].map((operations) =>
      runForward({ ...model, operations }, weights, images, {
        kind: 'inference',
      }).logits.dataSync(),
    );
    expect(logits[0]).toEqual(logits[1]);
  });
});

describe('parametersFor', () => {
  const kinds = (shardSize: number, batch: number): string[] =>
    parametersFor(buildModel(mnistCnn, digits, { classes: 10 }), { batch, shardSize })
      .filter(({ gradient }) => gradient === 'factored')
      .map(({ name }) => name);

  it('factors a dense layer while that is less to send, up and down', () => {
    // fc1: 2·3136·1024 / (3136 + 1024) = 1543.9; fc2: 2·1024·10 / 1034 = 19.8
    expect(kinds(4, 15)).toEqual(['fc1/weights', 'fc2/weights']);
    expect(kinds(4, 16)).toEqual(['fc1/weights']);
    expect(kinds(25, 1518)).toEqual(['fc1/weights']);
    expect(kinds(25, 1519)).toEqual([]);
    expect(kinds(1000, 771)).toEqual(['fc1/weights']); // a shard is no larger than the batch
    expect(kinds(772, 772)).toEqual([]);
  });
});
