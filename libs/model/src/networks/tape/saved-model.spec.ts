import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { loadBackends, numbers } from '../../../spec-backends.js';
import { loadDefinition } from '../load-definition.js';
import type { NetworkState } from '../network.js';
import type { BuildNetwork, NetworkContext } from './build-network.js';
import { buildLayersModel } from './load-layers-model.js';
import type { TapeNetwork } from './tape-network.js';
import type { TensorFlowLayers } from './tensorflow-layers.js';

const tf = { ...core, ...layers } as unknown as TensorFlowLayers;
const PLACE = { inputShape: [8, 8, 1], target: { classes: 3 } };

beforeAll(async () => {
  await loadBackends();
  await core.setBackend('tensorflow');
});

const build = (network: BuildNetwork) =>
  buildLayersModel(tf, { build: network }, PLACE, { where: 'net.ts', sourceSha256: 'none' });

function stateOf(network: TapeNetwork): NetworkState {
  const weights = network
    .initialWeights(1)
    .map((values, i) => core.tensor(values, [...network.parameters[i].shape]));
  return { weights, buffers: [] };
}

it.each<[string, (place: NetworkContext) => layers.layers.Layer[]]>([
  [
    'convolutions, dropout and a softmax',
    ({ inputShape, classes }) => [
      tf.layers.conv2d({ inputShape, filters: 32, kernelSize: 5, padding: 'same' }),
      tf.layers.reLU(),
      tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
      tf.layers.conv2d({ filters: 64, kernelSize: 5, padding: 'same', activation: 'relu' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 64, activation: 'relu' }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: classes, activation: 'softmax' }),
    ],
  ],
  [
    'a separable convolution of several filters per channel',
    ({ inputShape, classes }) => [
      tf.layers.separableConv2d({ inputShape, filters: 3, kernelSize: 2, depthMultiplier: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: classes }),
    ],
  ],
])('a model with %s is saved and opened again, with its weights', async (_what, layersOf) => {
  const one = await build((place) => tf.sequential({ layers: layersOf(place) }));
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-saved-'));
  const state = stateOf(one);
  await one.save(state, folder);
  const { definition } = await loadDefinition(join(folder, 'model.json'));
  const opened = await build(definition as BuildNetwork);
  await rm(folder, { recursive: true });
  const image = numbers(64, 3);
  expect(opened.initialWeights(9)).toEqual(one.initialWeights(1));
  expect(opened.predict(stateOf(opened), image)).toEqual(one.predict(state, image));
});
