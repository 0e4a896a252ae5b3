import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { viewGradient, type ParameterSpec } from '@lockstep/core';
import { loadBackends, numbers, relativeError } from '../../../spec-backends.js';
import { classObjective } from '../../../spec-objective.js';
import type { SampleFunction } from '../../losses/custom-loss.js';
import { chooseObjective } from '../../objective/choose-objective.js';
import { makeObjective } from '../../objective/objective.js';
import { buildModel } from '../build-model.js';
import { ChainNetwork } from '../chain-network.js';
import { mnistCnn } from '../mnist-cnn.js';
import { parametersFor } from '../model.js';
import type { Network, NetworkState } from '../network.js';
import {
  buildDefinition,
  type BuildDefinition,
  type BuildNetwork,
  type ModelPlace,
} from './build-network.js';
import { buildLayersModel } from './load-layers-model.js';
import type { TapeNetwork } from './tape-network.js';
import type { TensorFlowLayers } from './tensorflow-layers.js';

const tf = { ...core, ...layers } as unknown as TensorFlowLayers;
const PLACE = { inputShape: [8, 8, 1], target: { classes: 3 } };
const SOURCE = { where: 'net.ts', sourceSha256: 'none' };
const KEY = { seed: 1, step: 1, firstSample: 0, keepProb: 1, clean: false };

beforeAll(async () => {
  await loadBackends();
  await core.setBackend('tensorflow');
});

const build = (network: BuildNetwork, place: ModelPlace = PLACE): Promise<TapeNetwork> =>
  buildLayersModel(tf, { build: network }, place, SOURCE);

const batchOf = (size: number, count: number, classes: number) => ({
  inputs: numbers(count * size, 9),
  targets: Int32Array.from({ length: count }, (_, i) => i % classes),
});

function stateOf(network: Network, weights = network.initialWeights(1)): NetworkState {
  const tensors = (
    values: readonly Float32Array[],
    specs: readonly { shape: readonly number[] }[],
  ) => values.map((each, i) => core.tensor(each, [...specs[i].shape]));
  return {
    weights: tensors(weights, network.parameters),
    buffers: tensors(network.initialBuffers(), network.buffers),
  };
}

/** The built-in network, as a user would write it with tfjs-layers. */
const cnn: BuildNetwork = ({ inputShape, classes }) =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape, filters: 32, kernelSize: 5, padding: 'same' }),
      tf.layers.reLU(),
      tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
      tf.layers.conv2d({ filters: 64, kernelSize: 5, padding: 'same', activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1024, activation: 'relu' }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });

describe('a LayersModel', () => {
  it("has the chain's gradients, factored where its dense layers are large", async () => {
    const place = { inputShape: [28, 28, 1], target: { classes: 10 } };
    const chain = new ChainNetwork(buildModel(mnistCnn, [28, 28, 1], { classes: 10 }));
    const tape = await build(cnn, place);
    const weights = chain.initialWeights(7);
    const batch = batchOf(784, 8, 10);
    const gradientOf = async (network: Network) => {
      const parameters = parametersFor(network, { batch: 16, shardSize: 8 });
      expect(parameters[4]).toMatchObject({ gradient: 'factored' });
      const state = stateOf(network, weights);
      // the dropout of both is keyed by layer 0
      const key = { ...KEY, objective: classObjective(10), keepProb: 0.5 };
      const { sections, totals } = await network.gradient({ ...key, parameters, state, batch });
      return { entries: viewGradient(sections, parameters, 8), totals };
    };
    const [expected, found] = [await gradientOf(chain), await gradientOf(tape)];
    expect(found.totals.lossSum).toBeCloseTo(expected.totals.lossSum, 4);
    found.entries.forEach((entry, i) => {
      const other = expected.entries[i];
      for (const part of ['values', 'inputs', 'deltas'] as const) {
        if (!(part in entry)) continue;
        const values = (each: object) => (each as Record<typeof part, Float32Array>)[part];
        expect(relativeError(values(entry), values(other))).toBeLessThan(1e-6);
      }
    });
  });

  it('with batch norm, a residual connection and a regulariser has the gradients of finite differences', async () => {
    const network = await build(({ inputShape, classes }) => {
      const input = tf.input({ shape: inputShape });
      const conv = tf.layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' });
      const x = conv.apply(input) as layers.SymbolicTensor;
      const norm = tf.layers.batchNormalization().apply(x) as layers.SymbolicTensor;
      const sum = tf.layers.add().apply([x, norm]) as layers.SymbolicTensor;
      const flat = tf.layers.flatten().apply(sum) as layers.SymbolicTensor;
      const regularizer = tf.regularizers.l2({ l2: 0.1 });
      const head = tf.layers.dense({ units: classes, kernelRegularizer: regularizer });
      return tf.model({ inputs: input, outputs: head.apply(flat) as layers.SymbolicTensor });
    });
    const batch = batchOf(64, 6, 3);
    const parameters: ParameterSpec[] = [...network.parameters];
    expect(network.parameters.map(({ name }) => name)).toEqual([
      'conv2d_1/kernel',
      'conv2d_1/bias',
      'batch_normalization_1/gamma',
      'batch_normalization_1/beta',
      'dense_1/kernel',
      'dense_1/bias',
    ]);
    const own = network.initialWeights(2);
    const request = { ...KEY, objective: classObjective(3), parameters, batch };
    const gradient = (weights: readonly Float32Array[]) =>
      network.gradient({ ...request, state: stateOf(network, [...weights]) });
    const { sections, buffers } = await gradient(own);
    const entries = viewGradient(sections, parameters, 6);
    for (const [index, values] of own.entries()) {
      const direction = numbers(values.length, index + 3);
      const lossAt = async (by: number) => {
        const moved = values.map((value, i) => value + by * direction[i]);
        return (await gradient(own.map((each, i) => (i === index ? moved : each)))).totals.lossSum;
      };
      const step = 2e-3;
      const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
      const entry = entries[index];
      if (entry.kind !== 'dense') throw new TypeError('small layers are dense');
      const expected = entry.values.reduce((sum, value, i) => sum + value * direction[i], 0);
      expect(Math.abs(slope - expected)).toBeLessThan(0.02 * Math.abs(slope) + 0.02);
    }
    // moving statistics begin at the version's in every shard
    const again = await gradient(own);
    expect(again.buffers).toEqual(buffers);
    expect(again.sections).toEqual(sections);
    expect(buffers[0].some((value) => value !== 0)).toBe(true);
  });

  it('has the same definition however often it is built', async () => {
    const [one, two] = [await build(cnn), await build(cnn)];
    expect(two.definitionSha256).toBe(one.definitionSha256);
  });

  it('keeps no tensor', async () => {
    const network = await build(cnn);
    const state = stateOf(network);
    const own = { parameters: network.parameters, objective: classObjective(3), state };
    const request = { ...KEY, ...own, clean: true };
    await network.gradient({ ...request, batch: batchOf(64, 4, 3) });
    const before = core.memory().numTensors;
    await network.gradient({ ...request, batch: batchOf(64, 4, 3) });
    network.observe(state, numbers(64), KEY);
    expect(core.memory().numTensors).toBe(before);
  });

  it('holds frozen layers constant and begins with given weights', async () => {
    const given = numbers(64 * 4, 5);
    const network = await build(({ classes, inputShape }) => {
      const base = tf.layers.dense({ units: 4, trainable: false });
      const model = tf.sequential({ layers: [tf.layers.flatten({ inputShape }), base] });
      base.setWeights([core.tensor(given, [64, 4]), core.zeros([4])]);
      const head = tf.layers.dense({ units: classes });
      model.add(head);
      head.setWeights([core.ones([4, classes]), core.zeros([classes])]);
      return model;
    });
    expect(network.parameters.map(({ name }) => name)).toEqual(['dense_2/kernel', 'dense_2/bias']);
    expect(network.initialWeights(3)).toEqual(network.initialWeights(4));
    const [sample] = [numbers(64, 8)];
    const first = given.reduce(
      (sum, value, i) => (i % 4 === 0 ? sum + value * sample[i >> 2] : sum),
      0,
    );
    const { activations } = network.observe(stateOf(network), sample);
    const base = activations.find(({ layer }) => layer === 'dense_1');
    expect(base?.values[0]).toBeCloseTo(first, 3);
  });
});

describe('a LayersModel with a loss of its own', () => {
  const place = { inputShape: [4], target: { classes: 2 } };
  const oneOutput: BuildNetwork = ({ inputShape }) =>
    tf.sequential({
      layers: [
        tf.layers.dense({ inputShape, units: 3, activation: 'tanh' }),
        tf.layers.dense({ units: 1, activation: 'sigmoid' }),
      ],
    });
  const byHand: SampleFunction = (_tf, outputs, targets) => {
    const x = core.squeeze(outputs, [1]);
    return core.sub(core.softplus(x), core.mul(x, core.cast(targets, 'float32')));
  };
  const objectiveOf = (network: Network) => {
    const fit = { outputs: network.outputs, target: place.target };
    const spec = chooseObjective(network.objective, { given: {} }, fit);
    return makeObjective(core, spec, network.objective, fit);
  };
  const gradientOf = async (definition: BuildDefinition) => {
    const network = await buildLayersModel(tf, definition, place, SOURCE);
    const own = { parameters: network.parameters, objective: objectiveOf(network) };
    const state = stateOf(network);
    const batch = batchOf(4, 6, 2);
    const found = await network.gradient({ ...KEY, ...own, clean: true, state, batch });
    return { ...found, network, evaluation: network.evaluate(state, batch, own.objective) };
  };

  it('has the gradients of the registered loss that computes the same', async () => {
    const registered = await gradientOf({ build: oneOutput });
    const own = await gradientOf({ build: oneOutput, loss: byHand, metrics: ['auc'] });
    expect(own.totals.lossSum).toBeCloseTo(registered.totals.lossSum, 5);
    expect(relativeError(own.sections.dense, registered.sections.dense)).toBeLessThan(1e-6);
    expect(own.totals.metricSums.slice(0, 1)).toEqual(registered.totals.metricSums);
    expect(own.evaluation.predictions).toEqual(registered.evaluation.predictions);
    expect(own.network.definitionSha256).not.toBe(registered.network.definitionSha256);
  });

  it('gives the values of a regression', async () => {
    const regression = { inputShape: [4], target: { values: 2 } };
    const linear: BuildNetwork = ({ inputShape, values }) =>
      tf.sequential({ layers: [tf.layers.dense({ units: values, inputShape })] });
    const network = await build(linear, regression);
    const state = stateOf(network);
    const fit = { outputs: 2, target: regression.target };
    const objective = makeObjective(core, chooseObjective({}, { given: {} }, fit), {}, fit);
    const batch = { inputs: numbers(12), targets: numbers(6, 4) };
    const found = network.evaluate(state, batch, objective);
    const values = network.predict(state, batch.inputs);
    const squares = values.map(
      (value, i) => (value - batch.targets[i]) * (value - batch.targets[i]),
    );
    expect(found.lossSum).toBeCloseTo(squares.reduce((a, b) => a + b) / 2, 4);
    expect(found.predictions).toHaveLength(0);
    const request = {
      ...KEY,
      clean: true,
      parameters: network.parameters,
      objective,
      state,
      batch,
    };
    expect((await network.gradient(request)).totals).not.toHaveProperty('cleanCorrectCount');
  });

  it('is refused where its loss is none', () => {
    const definition = { build: oneOutput, loss: 3 };
    expect(() => buildDefinition(definition, 'net.ts')).toThrow(/net\.ts: .*loss/);
  });
});

describe('a model that cannot be trained is refused', () => {
  const dense = (units: number) => tf.layers.dense({ units });
  const flat = () => tf.layers.flatten({ inputShape: PLACE.inputShape });
  it.each<[string, BuildNetwork, RegExp]>([
    [
      'another output',
      () => tf.sequential({ layers: [flat(), dense(4)] }),
      /gives \[4\], but the data has 3 classes/,
    ],
    [
      'another input',
      () => tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [5] })] }),
      /input is \[5\], but a sample of the data is \[8, 8, 1\]/,
    ],
    [
      'values that are not finite',
      () => {
        const bad = dense(3);
        const model = tf.sequential({ layers: [flat(), bad] });
        bad.setWeights([core.fill([64, 3], NaN), core.zeros([3])]);
        return model;
      },
      /layer dense_1 \(Dense\) gives values of \[3\] that are not finite/,
    ],
    [
      'random numbers of its own',
      () => tf.sequential({ layers: [flat(), tf.layers.gaussianNoise({ stddev: 1 }), dense(3)] }),
      /layer gaussian_noise_1 \(GaussianNoise\) \[64\] gives other values/,
    ],
    ['no model', () => dense(3) as never, /returns no tf\.LayersModel/],
    [
      'a constraint',
      () => {
        const kernelConstraint = tf.constraints.nonNeg();
        return tf.sequential({ layers: [flat(), tf.layers.dense({ units: 3, kernelConstraint })] });
      },
      /weight dense_1\/kernel has a constraint/,
    ],
  ])('%s', async (_what, network, message) => {
    await expect(build(network)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringMatching(message) as string,
      remedy: expect.any(String) as string,
    });
  });
});
