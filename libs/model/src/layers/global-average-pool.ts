import { z } from 'zod';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import { withoutParameters, type Operation } from './operation.js';
import { globalPoolClass, placesOf, pooledChannels } from './places.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({ kind: z.literal('globalAveragePool'), name: layerName });

type Options = z.input<typeof schema>;

/** The mean of each channel over all places: [h, w, c] or [length, c] → [c]. */
export function globalAveragePool(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'globalAveragePool', ...options };
}

/** The kind `globalAveragePool` in the registry. */
export const globalAveragePoolLayer: LayerKind<typeof schema> = {
  name: 'globalAveragePool',
  prefix: 'gap',
  schema,
  make,
};

function make(tf: TensorFlow, _layer: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'globalAveragePool',
    outputShape: [pooledChannels(place)],
    parameters: [],
    operations: [{ operation: poolOperation(tf), parameters: [] }],
    keras: {
      className: globalPoolClass('Average', place),
      config: { data_format: 'channels_last' },
    },
  };
}

/** d input: dy / places at every place. */
const poolOperation = (tf: TensorFlow): Operation =>
  withoutParameters((x) => {
    const flat = placesOf(tf, x);
    const places = flat.shape[1];
    return {
      output: tf.mean(flat, 1),
      gradient: (dy) => {
        const share = tf.expandDims(tf.div(dy, places), 1);
        return tf.reshape(tf.tile(share, [1, places, 1]), x.shape);
      },
    };
  });
