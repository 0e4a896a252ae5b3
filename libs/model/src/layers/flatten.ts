import { sizeOf } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Layer, LayerPlace } from '../layer.js';
import type { Operation } from '../operation.js';
import { layerName } from './options.js';

export const flattenSchema = z.strictObject({ kind: z.literal('flatten'), name: layerName });

type Options = z.input<typeof flattenSchema>;

/** [h, w, c] → [h · w · c], row-major. */
export function flatten(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'flatten', ...options };
}

export function buildFlatten(_layer: z.output<typeof flattenSchema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'flatten',
    outputShape: [sizeOf(place.inputShape)],
    parameters: [],
    operations: [{ operation: flattenOperation, parameters: [] }],
    keras: { className: 'Flatten', config: { data_format: 'channels_last' } },
  };
}

const flattenOperation: Operation = {
  monotone: false,
  forward(x) {
    return {
      output: tf.reshape(x, [x.shape[0], -1]),
      backward: (dy, wantInput) => ({
        ...(wantInput && { input: tf.reshape(dy, x.shape) }),
        parameters: [],
      }),
    };
  },
};
