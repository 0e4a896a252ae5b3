import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '@lockstep/core';
import { z } from 'zod';
import { dropoutMask } from './dropout-mask.js';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('dropout'),
  name: layerName,
  rate: z
    .number()
    .gte(0)
    .lt(1, 'must be below 1')
    .optional()
    .describe("probability of dropping a unit; by default 1 − the run's keepProb"),
});

type Options = z.input<typeof schema>;

/** Drops units while training, with a rate of its own or by the run's keepProb. */
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

function make(tf: TensorFlow, { rate }: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'dropout',
    outputShape: place.inputShape,
    parameters: [],
    operations: [{ operation: dropoutOperation(tf, place.dropoutIndex, rate), parameters: [] }],
    // without a rate of its own: a saved model is for prediction, where it has no effect
    keras: { className: 'Dropout', config: { rate: rate ?? 0.5 } },
  };
}

function dropoutOperation(tf: TensorFlow, layer: number, rate?: number): Operation {
  return {
    monotone: false,
    forward(x, _weights, pass) {
      const unchanged = { output: x, backward: (dy: Tensor) => ({ input: dy, parameters: [] }) };
      if (pass.dropout === undefined) return unchanged;
      const keepProb = rate === undefined ? pass.dropout.keepProb : 1 - rate;
      if (keepProb === 1) return unchanged;
      const [sampleCount, ...sample] = x.shape;
      const values = dropoutMask({ ...pass.dropout, keepProb }, layer, sampleCount, sizeOf(sample));
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
