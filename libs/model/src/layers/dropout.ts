import { sizeOf } from '@lockstep/core';
import { z } from 'zod';
import { dropoutMask } from './dropout-mask.js';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({ kind: z.literal('dropout'), name: layerName });

type Options = z.input<typeof schema>;

/** Drops units while training; the run's keepProb says how many stay. */
export function dropout(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'dropout', ...options };
}

/** The kind `dropout` in the registry. */
export const dropoutLayer: LayerKind<typeof schema> = {
  name: 'dropout',
  prefix: 'dropout',
  schema,
  make,
};

function make(tf: TensorFlow, _layer: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'dropout',
    outputShape: place.inputShape,
    parameters: [],
    operations: [{ operation: dropoutOperation(tf, place.dropoutIndex), parameters: [] }],
    // a saved model is for prediction, where the rate has no effect
    keras: { className: 'Dropout', config: { rate: 0.5 } },
  };
}

function dropoutOperation(tf: TensorFlow, layer: number): Operation {
  return {
    monotone: false,
    forward(x, _weights, pass) {
      if (pass.kind === 'inference' || pass.dropout.keepProb === 1) {
        return { output: x, backward: (dy) => ({ input: dy, parameters: [] }) };
      }
      const [sampleCount, ...sample] = x.shape;
      const values = dropoutMask(pass.dropout, layer, sampleCount, sizeOf(sample));
      const mask = tf.tensor(values, x.shape);
      return {
        output: tf.mul(x, mask),
        backward: (dy, wantInput) => ({
          ...(wantInput && { input: tf.mul(dy, mask) }),
          parameters: [],
        }),
      };
    },
  };
}
