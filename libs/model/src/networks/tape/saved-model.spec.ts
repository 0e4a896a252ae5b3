import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { loadBackends, numbers } from '../../../spec-backends.js';
import { loadDefinition } from '../load-definition.js';
import type { BuildNetwork } from './build-network.js';
import { buildLayersModel } from './load-layers-model.js';
import type { TensorFlowLayers } from './tensorflow-layers.js';

const tf = { ...core, ...layers } as unknown as TensorFlowLayers;
const PLACE = { inputShape: [8, 8, 1], target: { classes: 3 } };

beforeAll(async () => {
  await loadBackends();
  await core.setBackend('tensorflow');
});

const build = (network: BuildNetwork) =>
  buildLayersModel(tf, { build: network }, PLACE, { where: 'net.ts', sourceSha256: 'none' });

it('a separable convolution of several filters per channel is saved and opened again', async () => {
  const one = await build(({ inputShape, classes }) =>
    tf.sequential({
      layers: [
        tf.layers.separableConv2d({ inputShape, filters: 3, kernelSize: 2, depthMultiplier: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: classes }),
      ],
    }),
  );
  const stateOf = (network: typeof one) => ({
    weights: network
      .initialWeights(1)
      .map((values, i) => core.tensor(values, [...network.parameters[i].shape])),
    buffers: [],
  });
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-saved-'));
  const state = stateOf(one);
  await one.save(state, folder);
  const { definition } = await loadDefinition(join(folder, 'model.json'));
  const opened = await build(definition as BuildNetwork);
  await rm(folder, { recursive: true });
  const image = numbers(64, 3);
  expect(opened.predict(stateOf(opened), image)).toEqual(one.predict(state, image));
});
