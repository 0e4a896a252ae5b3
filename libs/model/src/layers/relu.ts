import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { reluGradient } from '../kernels/relu-gradient.js';
import type { Layer, LayerPlace } from '../layer.js';
import type { Operation } from '../operation.js';
import { layerName } from './options.js';

export const reluSchema = z.strictObject({ kind: z.literal('relu'), name: layerName });

type Options = z.input<typeof reluSchema>;

/** max(x, 0) of every value. */
export function relu(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'relu', ...options };
}

export function buildRelu(_layer: z.output<typeof reluSchema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'relu',
    outputShape: place.inputShape,
    parameters: [],
    operations: [{ operation: reluOperation, parameters: [] }],
    keras: { className: 'ReLU', config: {} },
  };
}

const reluOperation: Operation = {
  monotone: true,
  forward(x) {
    const output = tf.relu(x);
    return {
      output,
      backward: (dy, wantInput) => ({
        ...(wantInput && { input: reluGradient(dy, output) }),
        parameters: [],
      }),
    };
  },
};
