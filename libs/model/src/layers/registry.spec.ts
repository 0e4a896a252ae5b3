import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { losses, lossFunction } from '../losses/registry.js';
import { defaultLayerName, layerKinds, layerSchema } from './registry.js';

describe.each(layerKinds)('layer kind $name', ({ name, schema }) => {
  it('is named in its schema by `kind`', () => {
    expect(schema.shape['kind']).toMatchObject({ value: name });
  });

  it('numbers the layers that have no name of their own', () => {
    expect(defaultLayerName(name, 2)).toMatch(/^[a-z]+2$/);
  });
});

it('refuses a kind that is not registered', () => {
  expect(layerSchema.safeParse({ kind: 'lstm' }).success).toBe(false);
});

describe('losses', () => {
  it('have defaults for all settings', () => {
    for (const { schema } of losses) expect(schema.safeParse({}).success).toBe(true);
  });

  it('are found by name', () => {
    expect(lossFunction(tf, 'cross-entropy')).toBeTypeOf('function');
    expect(() => lossFunction(tf, 'hinge')).toThrow(/unknown loss hinge/);
  });
});
