import { z } from 'zod';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import { withoutParameters, type Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({ kind: z.literal('softmax'), name: layerName });

type Options = z.input<typeof schema>;

/** exp(x) / Σ exp(x) over the last axis. Not for the end of a classifier: its loss applies softmax. */
export function softmax(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'softmax', ...options };
}

/** The kind `softmax` in the registry. */
export const softmaxLayer: LayerKind<typeof schema> = {
  name: 'softmax',
  prefix: 'softmax',
  schema,
  make,
};

function make(tf: TensorFlow, _layer: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'softmax',
    outputShape: place.inputShape,
    parameters: [],
    operations: [{ operation: softmaxOperation(tf), parameters: [] }],
    keras: { className: 'Softmax', config: { axis: -1 } },
  };
}

/** d input = y · (dy − Σ dy · y), with y the output. */
const softmaxOperation = (tf: TensorFlow): Operation =>
  withoutParameters((x) => {
    const output = tf.softmax(x);
    return {
      output,
      gradient: (dy) => tf.mul(output, tf.sub(dy, tf.sum(tf.mul(dy, output), -1, true))),
    };
  });
