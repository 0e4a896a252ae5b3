import { z } from 'zod';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import { withoutParameters, type Operation } from './operation.js';
import { globalPoolClass, placesOf, pooledChannels } from './places.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({ kind: z.literal('globalMaxPool'), name: layerName });

type Options = z.input<typeof schema>;

/** The largest value of each channel over all places: [h, w, c] or [length, c] → [c]. */
export function globalMaxPool(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'globalMaxPool', ...options };
}

/** The kind `globalMaxPool` in the registry. */
export const globalMaxPoolLayer: LayerKind<typeof schema> = {
  name: 'globalMaxPool',
  prefix: 'gmp',
  schema,
  make,
};

function make(tf: TensorFlow, _layer: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'globalMaxPool',
    outputShape: [pooledChannels(place)],
    parameters: [],
    operations: [{ operation: poolOperation(tf), parameters: [] }],
    keras: {
      className: globalPoolClass('Max', place),
      config: { data_format: 'channels_last' },
    },
  };
}

/** d input: dy at the largest value, at the first in row-major order where several are equal. */
const poolOperation = (tf: TensorFlow): Operation =>
  withoutParameters((x) => {
    const flat = placesOf(tf, x);
    return {
      output: tf.max(flat, 1),
      gradient: (dy) => {
        const first = tf.oneHot(tf.argMax(flat, 1), flat.shape[1]); // [batch, c, places]
        const routed = tf.mul(tf.cast(first, 'float32'), tf.expandDims(dy, 2));
        return tf.reshape(tf.transpose(routed, [0, 2, 1]), x.shape);
      },
    };
  });
