import { sizeOf } from '@lockstep/core';
import { z } from 'zod';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({ kind: z.literal('flatten'), name: layerName });

type Options = z.input<typeof schema>;

/** [h, w, c] → [h · w · c], row-major. */
export function flatten(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'flatten', ...options };
}

/** The kind `flatten` in the registry. */
export const flattenLayer: LayerKind<typeof schema> = {
  name: 'flatten',
  prefix: 'flatten',
  schema,
  make,
};

function make(tf: TensorFlow, _layer: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'flatten',
    outputShape: [sizeOf(place.inputShape)],
    parameters: [],
    operations: [{ operation: flattenOperation(tf), parameters: [] }],
    keras: { className: 'Flatten', config: { data_format: 'channels_last' } },
  };
}

const flattenOperation = (tf: TensorFlow): Operation => ({
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
});
