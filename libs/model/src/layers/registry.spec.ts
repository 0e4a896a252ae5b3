import { describe, expect, it } from 'vitest';
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
