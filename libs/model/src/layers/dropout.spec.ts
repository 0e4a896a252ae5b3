import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { loadBackends } from '../../spec-backends.js';
import { layerOf } from '../../spec-layers.js';
import { dropout } from './dropout.js';
import type { LayerDefinition } from './registry.js';

beforeAll(loadBackends);

/** What share of 10,000 units is kept, and the factor of those. */
function kept(definition: LayerDefinition, keepProb: number): { share: number; factor: number } {
  const [{ operation }] = layerOf(definition, [10_000]).operations;
  const key = { seed: 1, step: 1, firstSample: 0, keepProb };
  const pass = { kind: 'training', dropout: key } as const;
  const values = operation.forward(tf.ones([1, 10_000]), [], pass, []).output.dataSync();
  const positive = values.filter((value) => value > 0);
  return { share: positive.length / values.length, factor: positive[0] };
}

it("follows the run's keepProb unless it has a rate of its own", async () => {
  await tf.setBackend('tensorflow');
  expect(kept(dropout(), 0.5).share).toBeCloseTo(0.5, 1);
  expect(kept(dropout(), 1)).toEqual({ share: 1, factor: 1 });
  for (const keepProb of [0.5, 1]) {
    const { share, factor } = kept(dropout({ rate: 0.25 }), keepProb);
    expect(share).toBeCloseTo(0.75, 1);
    expect(factor).toBeCloseTo(1 / 0.75, 6);
  }
  expect(kept(dropout({ rate: 0 }), 0.5)).toEqual({ share: 1, factor: 1 });
});
