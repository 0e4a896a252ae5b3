import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunSpec, ShardFactors } from '@lockstep/core';
import { dataSpec, planStep, type DataSet } from '@lockstep/data';
import { loadNetwork, makeObjective, type Network, type Objective } from '@lockstep/model';
import { loadLayers } from '@lockstep/runtime/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { Training } from './src/training.js';

/** What a run is trained with. */
export interface Scene {
  readonly spec: RunSpec;
  readonly network: Network;
  readonly data: DataSet;
}

/** The network of a model file with this text. */
export async function networkOf(source: string, data: DataSet): Promise<Network> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-model-'));
  const file = join(folder, 'model.mjs');
  await writeFile(file, source);
  const network = await loadNetwork(file, dataSpec(data), loadLayers);
  await rm(folder, { recursive: true });
  return network;
}

/** The run's loss and metrics. */
export function objectiveOf({ spec: { model, data }, network }: Omit<Scene, 'data'>): Objective {
  return makeObjective(tf, model, {}, { outputs: network.outputs, target: data.target });
}

/** Makes a step: each worker computes its share of the shards, and all apply the update. */
async function makeStep(spec: RunSpec, workers: readonly Training[], step: number): Promise<void> {
  const shards = planStep(spec, step);
  const factors: ShardFactors[] = [];
  const sections: Uint8Array[] = [];
  // In another order than they are reduced.
  for (const shard of [...shards].reverse()) {
    const worker = workers[shard.index % workers.length];
    const { dense } = await worker.compute(shard, false, (early) => {
      factors[shard.index] = { sampleCount: shard.sampleCount, ...early };
    });
    sections[shard.index] = dense;
  }
  const { dense } = workers[0].reduceDense(sections);
  for (const worker of workers) worker.apply(step, { shards: factors, dense });
}

/**
 * Trains a whole run.
 *
 * @param count of workers, which must all end with the same state
 * @param resumedAt step after which all begin again from the bytes of the state
 * @returns one of them
 */
export async function trained(scene: Scene, count: number, resumedAt?: number): Promise<Training> {
  const { spec, network, data } = scene;
  const made = (): Training[] =>
    Array.from({ length: count }, () => new Training(spec, network, objectiveOf(scene), data));
  let workers = made();
  for (const worker of workers) worker.initialise();
  for (let step = 1; step <= spec.steps; step++) {
    await makeStep(spec, workers, step);
    if (step !== resumedAt) continue;
    const { state } = workers[0].export();
    workers = made();
    for (const worker of workers) worker.load(step, state);
  }
  expect(new Set(workers.map((worker) => worker.hash().stateSha256)).size).toBe(1);
  return workers[0];
}
