import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sizeOf, type DataSpec } from '@lockstep/core';
import {
  kerasPackages,
  onnxRuntime,
  predictByKeras,
  predictByOnnx,
  type PredictionJob,
} from '@lockstep/export/testing';
import { builtInModels, loadNetwork, type Network } from '@lockstep/model';
import { loadLayers, loadTensorFlow } from '@lockstep/runtime/tensorflow';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportNetwork } from './export-network.js';

type Place = Pick<DataSpec, 'inputShape' | 'target'>;

const SAMPLES = 2;
const MOST = 1e-5;
const mnist: Place = { inputShape: [28, 28, 1], target: { classes: 10 } };

/** Chains that together have every kind of layer, and a LayersModel. */
const modules: Readonly<Record<string, Place & { readonly source: string }>> = {
  varied: {
    ...{ inputShape: [12, 11, 2], target: { classes: 3 } },
    source: `defineModel({ name: 'varied', layers: [
      conv2d({ filters: 4, kernelSize: 3, bias: false }), layerNorm(), gelu(),
      depthwiseConv2d({ kernelSize: 3, multiplier: 2, stride: 2 }), leakyRelu({ slope: 0.2 }),
      avgPool2d(3, { stride: 2 }), separableConv2d({ filters: 6, kernelSize: 3, multiplier: 2 }), tanh(),
      globalMaxPool(), dropout({ rate: 0.1 }),
      dense({ units: 7 }), sigmoid(), softmax(), dense({ units: 'classes' })] })`,
  },
  residual: {
    ...{ inputShape: [5, 6, 1], target: { classes: 3 } },
    source: `defineModel({ name: 'residual', layers: [
      conv2d({ filters: 4, kernelSize: 3 }), groupNorm({ groups: 2 }), relu({ name: 'start' }),
      conv2d({ filters: 6, kernelSize: 3, stride: 2, name: 'main' }), branch({ from: 'start' }),
      conv2d({ filters: 6, kernelSize: 1, stride: 2 }), add({ with: 'main', name: 'sum' }),
      relu(), concatenate({ with: 'sum' }), maxPool2d(2), flatten(), dense({ units: 'classes' })] })`,
  },
  words: {
    ...{ inputShape: [5], target: { classes: 2 } },
    source: `defineModel({ name: 'words', layers: [
      embedding({ vocabulary: 4, units: 3 }), globalAveragePool(), dense({ units: 'classes' })] })`,
  },
  layersModel: {
    ...{ inputShape: [9, 8, 3], target: { classes: 4 } },
    source: `defineModel(({ tf, inputShape, classes }) => tf.sequential({ layers: [
      tf.layers.conv2d({ inputShape, filters: 6, kernelSize: 3, activation: 'relu' }),
      tf.layers.separableConv2d({ filters: 5, kernelSize: 3, name: 'separable' }),
      tf.layers.layerNormalization(), tf.layers.flatten(),
      tf.layers.dense({ units: classes, activation: 'softmax' })] }))`,
  },
};

const names = [...Object.keys(builtInModels), ...Object.keys(modules)];

let tf: Awaited<ReturnType<typeof loadTensorFlow>>['tf'];
let folder = '';
let onnx: Awaited<ReturnType<typeof onnxRuntime>>;
let keras: Awaited<ReturnType<typeof kerasPackages>>;
const byKeras = new Map<string, Float32Array>();

beforeAll(async () => {
  ({ tf } = await loadTensorFlow({ threads: 1 }));
  folder = mkdtempSync(join(tmpdir(), 'lockstep-export-network-'));
  onnx = await onnxRuntime();
  keras = await kerasPackages();
  if ('missing' in keras) return;
  const jobs: PredictionJob[] = [];
  for (const name of names) {
    const { save, input } = await prepared(name);
    const path = join(folder, `${name}.keras`);
    await exportNetwork(save, { format: 'keras', path });
    jobs.push({ path, ...input });
  }
  const predictions = await predictByKeras(keras.folder, jobs);
  names.forEach((name, i) => byKeras.set(name, predictions[i]));
}, 900_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A network with initial weights, what it is given, and what it predicts. */
async function prepared(name: string) {
  const place = modules[name] ?? mnist;
  const network = await loadNetwork(nameOrFile(name), place, loadLayers);
  const state = stateOf(network);
  const shape = [SAMPLES, ...place.inputShape];
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) =>
    name === 'words' ? i % 4 : ((i * 37) % 101) / 101,
  );
  return {
    save: (to: string) => network.save(state, to),
    input: { shape, values },
    expected: network.predict(state, values),
  };
}

function nameOrFile(name: string): string {
  const own = modules[name];
  if (own === undefined) return name;
  const file = join(folder, `${name}.mjs`);
  const imports = [
    ...['add', 'avgPool2d', 'branch', 'concatenate', 'conv2d', 'defineModel', 'dense', 'dropout'],
    ...['depthwiseConv2d', 'embedding', 'flatten', 'gelu', 'globalAveragePool', 'globalMaxPool'],
    ...['groupNorm', 'layerNorm', 'leakyRelu', 'maxPool2d', 'relu', 'separableConv2d', 'sigmoid'],
    ...['softmax', 'tanh'],
  ];
  writeFileSync(
    file,
    `import { ${imports.join(', ')} } from 'lockstep';\nexport default ${own.source};`,
  );
  return file;
}

function stateOf(network: Network) {
  const tensors = (values: Float32Array[], specs: readonly { shape: readonly number[] }[]) =>
    values.map((each, i) => tf.tensor(each, [...specs[i].shape]));
  return {
    weights: tensors(network.initialWeights(5), network.parameters),
    buffers: tensors(network.initialBuffers(), network.buffers),
  };
}

function expectEqual(found: Float32Array, expected: Float32Array): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(MOST));
}

it.for(names)('ONNX Runtime predicts as the network: %s', async (name, { skip }) => {
  if ('missing' in onnx) return skip(`ONNX Runtime cannot be installed: ${onnx.missing}`);
  const { save, input, expected } = await prepared(name);
  const path = join(folder, `${name}.onnx`);
  await exportNetwork(save, { format: 'onnx', path });
  expectEqual(await predictByOnnx(onnx.onnx, { path, ...input }), expected);
});

it.for(names)('Keras predicts as the network: %s', async (name, { skip }) => {
  if ('missing' in keras) skip(`Keras cannot be installed: ${keras.missing}`);
  expectEqual(byKeras.get(name) ?? new Float32Array(), (await prepared(name)).expected);
});
