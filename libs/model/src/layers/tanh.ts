import { z } from 'zod';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import { withoutParameters, type Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({ kind: z.literal('tanh'), name: layerName });

type Options = z.input<typeof schema>;

/** tanh x of every value. */
export function tanh(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'tanh', ...options };
}

/** The kind `tanh` in the registry. */
export const tanhLayer: LayerKind<typeof schema> = { name: 'tanh', prefix: 'tanh', schema, make };

function make(tf: TensorFlow, _layer: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'tanh',
    outputShape: place.inputShape,
    parameters: [],
    operations: [{ operation: tanhOperation(tf), parameters: [] }],
    keras: { className: 'Activation', config: { activation: 'tanh' } },
  };
}

const tanhOperation = (tf: TensorFlow): Operation =>
  withoutParameters((x) => {
    const output = tf.tanh(x);
    return { output, gradient: (dy) => tf.mul(dy, tf.sub(1, tf.square(output))) };
  });
