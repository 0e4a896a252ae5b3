import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadTensorFlow } from '../../../spec-tensorflow.js';
import { applyUpdate } from '../../apply-update.js';
import { initialState } from '../../training-state.js';
import { optimizerSpec } from '../../optimizer-spec.js';
import { stateLayout } from '../registry.js';

const tensors = z.array(z.array(z.number()));
/** Written by `pytorch.py`. */
const reference = z
  .object({
    rates: z.array(z.number()),
    weights: tensors,
    gradients: z.array(tensors),
    cases: z.array(
      z.object({
        optimizer: z.string(),
        settings: z.record(z.string(), z.number()),
        weights: tensors,
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('pytorch.json', import.meta.url), 'utf8')));

/** Of each value, relative to 1 or to the value where that is larger: some roundings of float32. */
const ERROR = 2e-6;

beforeAll(loadTensorFlow);

describe('twelve steps give what PyTorch gives', () => {
  it.each(reference.cases)('$optimizer $settings', ({ optimizer, settings, weights }) => {
    const parameters = [
      { name: 'w', shape: [2, 3], gradient: 'dense' as const },
      { name: 'b', shape: [3], gradient: 'dense' as const },
    ];
    const usual = { kind: 'none', learningRate: 1, schedule: { kind: 'constant' as const } };
    const layout = stateLayout({
      model: { parameters },
      optimizer: optimizerSpec({ optimizer, given: settings, steps: 12 }, usual),
    });
    let state = initialState(
      tf,
      layout,
      reference.weights.map((each) => Float32Array.from(each)),
    );
    reference.gradients.forEach((gradient, i) => {
      const at = optimizerSpec(
        { optimizer, given: { ...settings, learningRate: reference.rates[i] }, steps: 12 },
        usual,
      );
      const update = {
        gradient: gradient.map((values) => ({
          kind: 'dense' as const,
          values: Float32Array.from(values),
        })),
        bufferChanges: [],
      };
      state = applyUpdate(tf, state, update, { optimizer: at, steps: 12, batch: 1 }, false);
    });
    const found = state.weights.map((weight) => [...weight.dataSync()]);
    const errors = found.flat().map((value, i) => {
      const expected = weights.flat()[i];
      return Math.abs(value - expected) / Math.max(1, Math.abs(expected));
    });
    expect(Math.max(...errors)).toBeLessThan(ERROR);
  });
});
