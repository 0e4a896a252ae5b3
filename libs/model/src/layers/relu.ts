import { z } from 'zod';
import { reluGradient } from '../kernels/elementwise.js';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({ kind: z.literal('relu'), name: layerName });

type Options = z.input<typeof schema>;

/** max(x, 0) of every value. */
export function relu(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'relu', ...options };
}

/** The kind `relu` in the registry. */
export const reluLayer: LayerKind<typeof schema> = { name: 'relu', prefix: 'relu', schema, make };

function make(tf: TensorFlow, _layer: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'relu',
    outputShape: place.inputShape,
    parameters: [],
    operations: [{ operation: reluOperation(tf), parameters: [] }],
    keras: { className: 'ReLU', config: {} },
  };
}

const reluOperation = (tf: TensorFlow): Operation => ({
  monotone: true,
  forward(x) {
    const output = tf.relu(x);
    return {
      output,
      backward: (dy, wantInput) => ({
        ...(wantInput && { input: reluGradient(tf, dy, output) }),
        parameters: [],
      }),
    };
  },
});
