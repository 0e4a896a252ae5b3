import { z } from 'zod';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import { withoutParameters, type Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({ kind: z.literal('sigmoid'), name: layerName });

type Options = z.input<typeof schema>;

/** 1 / (1 + exp(−x)) of every value. */
export function sigmoid(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'sigmoid', ...options };
}

/** The kind `sigmoid` in the registry. */
export const sigmoidLayer: LayerKind<typeof schema> = {
  name: 'sigmoid',
  prefix: 'sigmoid',
  schema,
  make,
};

function make(tf: TensorFlow, _layer: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'sigmoid',
    outputShape: place.inputShape,
    parameters: [],
    operations: [{ operation: sigmoidOperation(tf), parameters: [] }],
    keras: { className: 'Activation', config: { activation: 'sigmoid' } },
  };
}

const sigmoidOperation = (tf: TensorFlow): Operation =>
  withoutParameters((x) => {
    const output = tf.sigmoid(x);
    return { output, gradient: (dy) => tf.mul(dy, tf.mul(output, tf.sub(1, output))) };
  });
