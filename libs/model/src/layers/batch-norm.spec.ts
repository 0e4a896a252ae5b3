import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { viewGradient } from '@lockstep/core';
import { loadBackends, numbers, relativeError, tensorOf } from '../../spec-backends.js';
import { itEqualsTheTape } from '../../spec-layers.js';
import { classObjective } from '../../spec-objective.js';
import { buildModel } from '../networks/build-model.js';
import { ChainNetwork } from '../networks/chain-network.js';
import type { Network, NetworkState } from '../networks/network.js';
import { buildLayersModel } from '../networks/tape/load-layers-model.js';
import type { TensorFlowLayers } from '../networks/tape/tensorflow-layers.js';
import { batchNorm, conv2d, dense, flatten, relu } from '../user-api.js';

const tf = { ...core, ...layers } as unknown as TensorFlowLayers;

itEqualsTheTape('batchNorm', {
  layer: batchNorm(),
  inputShape: [4, 3, 6],
  outputShape: [4, 3, 6],
  reference: (x, gamma, beta) => {
    const { mean, variance } = core.moments(x, [0, 1, 2]);
    const unit = core.div(core.sub(x, mean), core.sqrt(core.add(variance, 0.001)));
    return core.add(core.mul(unit, gamma), beta);
  },
});

// Without biases before it: their gradients are 0, but for rounding.
describe('ghost batch normalisation: the statistics of a shard', () => {
  const inputShape = [5, 6, 2];
  const place = { inputShape, target: { classes: 3 } };
  const chain = new ChainNetwork(
    buildModel(
      {
        name: 'chain',
        layers: [
          ...[
            conv2d({ filters: 4, kernelSize: 3, bias: false }),
            batchNorm({ momentum: 0.8 }),
            relu(),
            flatten(),
          ],
          ...[
            dense({ units: 5, bias: false }),
            batchNorm({ epsilon: 0.01 }),
            dense({ units: 'classes' }),
          ],
        ],
      },
      inputShape,
      place.target,
    ),
  );
  let tape: Network;

  beforeAll(async () => {
    await loadBackends();
    await core.setBackend('tensorflow');
    const build = (): layers.LayersModel =>
      tf.sequential({
        layers: [
          tf.layers.conv2d({
            inputShape,
            filters: 4,
            kernelSize: 3,
            padding: 'same',
            useBias: false,
          }),
          tf.layers.batchNormalization({ momentum: 0.8 }),
          tf.layers.reLU(),
          tf.layers.flatten(),
          tf.layers.dense({ units: 5, useBias: false }),
          tf.layers.batchNormalization({ epsilon: 0.01 }),
          tf.layers.dense({ units: 3 }),
        ],
      });
    const source = { where: 'same.mjs', sourceSha256: 'none' };
    tape = await buildLayersModel(tf, { build }, place, source);
  });

  const batch = {
    inputs: numbers(7 * 60, 9),
    targets: Int32Array.from({ length: 7 }, (_, i) => i % 3),
  };
  const state = (): NetworkState => ({
    weights: chain.parameters.map(({ shape }, i) => tensorOf([...shape], i)),
    buffers: chain.buffers.map(({ shape }, i) => core.abs(tensorOf([...shape], i + 20))),
  });
  const objective = classObjective(3);

  it('has the gradients and running statistics of the LayersModel', async () => {
    const found: Float32Array[][] = [];
    for (const network of [chain, tape]) {
      const { sections, buffers } = await network.gradient({
        ...{ seed: 1, step: 1, firstSample: 0, keepProb: 1, clean: false, objective, batch },
        ...{ state: state(), parameters: chain.parameters },
      });
      const entries = viewGradient(sections, chain.parameters, 7);
      const gradients = entries.flatMap((each) => (each.kind === 'dense' ? [each.values] : []));
      found.push([...gradients, ...buffers]);
    }
    const [own, expected] = found;
    expect(own).toHaveLength(chain.parameters.length + chain.buffers.length);
    own.forEach((values, i) => expect(relativeError(values, expected[i])).toBeLessThan(1e-4));
  });

  it('predicts by running statistics, as the LayersModel does, also where dropout is shown', () => {
    const given = state();
    const own = chain.predict(given, batch.inputs);
    expect(relativeError(own, tape.predict(given, batch.inputs))).toBeLessThan(1e-5);
    const image = batch.inputs.slice(0, 60);
    const key = { seed: 1, step: 1, firstSample: 0, keepProb: 1 };
    for (const network of [chain, tape]) {
      const { probabilities } = network.observe(given, image, key);
      expect(relativeError(probabilities, own.slice(0, 3))).toBeLessThan(1e-5);
    }
  });
});
