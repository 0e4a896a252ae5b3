import { defaultRecipe, parameterCount, sizeOf, type RunSpec } from '@lockstep/core';
import {
  dataSpec,
  gatherBatch,
  loadDataSet,
  planStep,
  shardSamples,
  type DataSet,
} from '@lockstep/data';
import { parametersFor, type Network, type NetworkState } from '@lockstep/model';
import { optimizerSpec } from '@lockstep/optim';
import { loadTensorFlow } from '@lockstep/runtime/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { networkOf, objectiveOf, trained } from '../spec-training.js';
import type { Snapshot } from './engine-protocol.js';
import { probeNumerics } from './probe-numerics.js';

const MODEL = `import { defineModel } from 'lockstep';
export default defineModel(({ tf, inputShape, classes }) => tf.sequential({ layers: [
  tf.layers.flatten({ inputShape }),
  tf.layers.dense({ units: 5 }),
  tf.layers.batchNormalization({ momentum: 0.5 }),
  tf.layers.dense({ units: classes }),
] }));`;
/** Shards of 5, 5 and 2 samples. */
const sizes = { batch: 12, shardSize: 5 };

let data: DataSet;
let network: Network;

beforeAll(async () => {
  await loadTensorFlow({ threads: 1 });
  data = await loadDataSet('mnist');
  network = await networkOf(MODEL, data);
});

function specWith(change: Partial<RunSpec> = {}): RunSpec {
  const choice = { optimizer: 'adamw', given: { weightDecay: 0.1 }, steps: 4 };
  return {
    ...{ formatVersion: 2, data: dataSpec(data), ...sizes, steps: 4, keepProb: 1, seed: 3 },
    model: {
      ...{ name: 'norm', parameters: parametersFor(network, sizes), buffers: network.buffers },
      ...{ loss: { kind: 'cross-entropy' }, metrics: ['accuracy'] },
    },
    optimizer: optimizerSpec(choice, defaultRecipe.optimizer),
    ...{ threads: 1, numerics: 'strict', device: 'cpu', wire: 'f32' },
    ...change,
  };
}

/** The buffers within a state's bytes, where they follow the weights; a view. */
function buffersIn({ state }: Snapshot): Float32Array[] {
  const values = new Float32Array(state.buffer);
  let at = parameterCount(specWith().model.parameters);
  return network.buffers.map(({ shape }) => values.subarray(at, (at += sizeOf(shape))));
}

describe('a network with batch normalisation', () => {
  it.each([{}, { clipNorm: 0.01, ema: 0.9 }, { wire: 'bf16' as const }])(
    'has one state for 1, 2 and 3 workers and after a resume, with %o',
    async (change) => {
      const scene = { spec: specWith(change), network, data };
      const alone = (await trained(scene, 1)).hash();
      expect((await trained(scene, 2)).hash()).toEqual(alone);
      expect((await trained(scene, 3, 2)).hash()).toEqual(alone);
    },
  );

  it('keeps the mean of the shards, weighted by their samples', async () => {
    const spec = specWith({ steps: 1 });
    const expected = network.buffers.map(({ shape }) => new Float64Array(sizeOf(shape)));
    for (const shard of planStep(spec, 1)) {
      const { buffers } = await network.gradient({
        ...{ seed: spec.seed, keepProb: 1, step: 1, firstSample: shard.firstSample, clean: false },
        parameters: spec.model.parameters,
        state: initialTensors(spec.seed),
        batch: gatherBatch(data.train, shardSamples(spec, shard)),
        objective: objectiveOf({ spec, network }),
      });
      const share = shard.sampleCount / spec.batch;
      buffers.forEach((values, b) =>
        values.forEach((value, i) => (expected[b][i] += share * value)),
      );
    }
    const found = buffersIn((await trained({ spec, network, data }, 1)).export());
    expected
      .flatMap((values) => [...values])
      .forEach((value, i) => {
        expect(found.flatMap((values) => [...values])[i]).toBeCloseTo(value, 5);
      });
  });

  it('predicts by its running statistics', async () => {
    const spec = specWith();
    const training = await trained({ spec, network, data }, 1);
    const { inputs } = gatherBatch(data.test, Uint32Array.of(0));
    const before = training.predict(inputs);
    const snapshot = training.export();
    buffersIn(snapshot)[1].fill(4);
    training.load(spec.steps, snapshot.state);
    expect(training.predict(inputs)).not.toEqual(before);
    const { weightsSha256, stateSha256 } = training.export();
    expect(weightsSha256).toBe(snapshot.weightsSha256);
    expect(stateSha256).not.toBe(snapshot.stateSha256);
  });

  it('has a numerics fingerprint', async () => {
    const spec = specWith();
    const probe = (): Promise<string> =>
      probeNumerics(spec, network, objectiveOf({ spec, network }));
    expect(await probe()).toBe(await probe());
  });
});

function initialTensors(seed: number): NetworkState {
  const tensors = (
    values: readonly Float32Array[],
    specs: readonly { readonly shape: readonly number[] }[],
  ): tf.Tensor[] => values.map((each, i) => tf.tensor(each, [...specs[i].shape]));
  return {
    weights: tensors(network.initialWeights(seed), network.parameters),
    buffers: tensors(network.initialBuffers(), network.buffers),
  };
}
