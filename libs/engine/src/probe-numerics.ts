import { createHash } from 'node:crypto';
import {
  fillRandom,
  RandomPurpose,
  sizeOf,
  type ParameterSpec,
  type RunSpec,
} from '@lockstep/core';
import type { Batch, Network, Objective } from '@lockstep/model';
import {
  applyUpdate,
  disposeState,
  initialState,
  reduceSections,
  stateLayout,
  stateToBytes,
} from '@lockstep/optim';
import * as tf from '@tensorflow/tfjs-core';
import { denseSection, trainedState } from './network-state.js';

/**
 * The numerics fingerprint: a hash over the gradient of every shard shape the run has, their
 * reduce, and one apply, on fixed numbers. Two machines with equal fingerprints compute this run's
 * very bits.
 *
 * @returns SHA-256, hex
 */
export async function probeNumerics(
  spec: RunSpec,
  network: Network,
  objective: Objective,
): Promise<string> {
  const { model } = spec;
  const { parameters } = model;
  const hash = createHash('sha256');
  const state = initialState(
    tf,
    stateLayout(spec),
    fixedWeights(parameters),
    network.initialBuffers(),
  );
  const shapes = shardShapes(spec);
  const shards = [];
  for (const [index, rows] of shapes.entries()) {
    const batch = fixedBatch(spec, rows, index);
    const key = { seed: 0, step: 1, firstSample: 0, keepProb: spec.keepProb, clean: false };
    const given = { parameters, state: trainedState(state), batch, objective };
    const gradient = await network.gradient({ ...key, ...given });
    const { factored } = gradient.sections;
    const dense = denseSection(gradient, state);
    for (const values of [factored, dense]) hash.update(new Uint8Array(values.buffer));
    hash.update(String(gradient.totals.lossSum));
    shards.push({ rows, sections: { factored, dense } });
  }
  const update = reduceSections(model, shards);
  const rows = shapes.reduce((sum, count) => sum + count, 0);
  const next = applyUpdate(tf, state, update, { ...spec, batch: rows }, false);
  hash.update(stateToBytes(next));
  disposeState(next);
  return hash.digest('hex');
}

/** Height, width and channels. */
const PICTURE_DIMENSIONS = 3;

/** The sample counts that shards of the run can have: a full one, and the last of a step. */
function shardShapes({ batch, shardSize }: RunSpec): readonly number[] {
  const full = Math.min(batch, shardSize);
  const rest = batch % full;
  return rest === 0 ? [full] : [full, rest];
}

/**
 * Numbers in [−0.1, 0.1) by a multiplicative hash of their place (Knuth, TAOCP 6.4): as uneven as
 * weights are, and much quicker than drawing those of the run.
 */
function fixedWeights(parameters: readonly ParameterSpec[]): Float32Array[] {
  return parameters.map(({ shape }) => {
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) {
      values[i] = ((Math.imul(i + 1, 0x9e3779b1) >>> 8) / 0x1000000 - 0.5) / 5;
    }
    return values;
  });
}

/**
 * Inputs and targets from a fixed stream: the same numbers on every machine. Inputs that are not pictures
 * are 0 or 1, which an embedding takes as tokens too.
 */
function fixedBatch({ data }: RunSpec, sampleCount: number, index: number): Batch {
  const { inputShape, target } = data;
  const inputCount = sampleCount * sizeOf(inputShape);
  const targetCount = sampleCount * ('values' in target ? target.values : 1);
  const key = { seed: 20_260_101, purpose: RandomPurpose.augmentation, a: 0, b: index };
  const words = fillRandom(key, new Uint32Array(inputCount + targetCount));
  const targets = words.subarray(inputCount);
  const fraction = (word: number): number => (word >>> 24) / 255;
  const bit = (word: number): number => word >>> 31;
  return {
    inputs: Float32Array.from(
      words.subarray(0, inputCount),
      inputShape.length === PICTURE_DIMENSIONS ? fraction : bit,
    ),
    targets:
      'classes' in target
        ? Int32Array.from(targets, (word) => word % target.classes)
        : Float32Array.from(targets, fraction),
  };
}
