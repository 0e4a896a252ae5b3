import { z } from 'zod';
import type { Layer, LayerPlace } from './layer.js';
import { buildConv2d, conv2dSchema } from './layers/conv2d.js';
import { buildDense, denseSchema } from './layers/dense.js';
import { buildDropout, dropoutSchema } from './layers/dropout.js';
import { buildFlatten, flattenSchema } from './layers/flatten.js';
import { buildMaxPool2d, maxPool2dSchema } from './layers/max-pool2d.js';
import { buildRelu, reluSchema } from './layers/relu.js';

export const layerSchema = z.discriminatedUnion('kind', [
  conv2dSchema,
  maxPool2dSchema,
  reluSchema,
  flattenSchema,
  denseSchema,
  dropoutSchema,
]);

/** A layer as it is written down: plain data, so that a model can be compared and stored. */
export type LayerDefinition = z.input<typeof layerSchema>;
export type CheckedLayer = z.output<typeof layerSchema>;

/** What layers of a kind are called, before their number: `conv1`, `fc2`. */
export const layerPrefix: Readonly<Record<CheckedLayer['kind'], string>> = {
  conv2d: 'conv',
  maxPool2d: 'pool',
  relu: 'relu',
  flatten: 'flatten',
  dense: 'fc',
  dropout: 'dropout',
};

/** @throws LayerMisfit when the layer does not fit its place */
export function buildLayer(layer: CheckedLayer, place: LayerPlace): Layer {
  switch (layer.kind) {
    case 'conv2d':
      return buildConv2d(layer, place);
    case 'maxPool2d':
      return buildMaxPool2d(layer, place);
    case 'relu':
      return buildRelu(layer, place);
    case 'flatten':
      return buildFlatten(layer, place);
    case 'dense':
      return buildDense(layer, place);
    case 'dropout':
      return buildDropout(layer, place);
  }
}
