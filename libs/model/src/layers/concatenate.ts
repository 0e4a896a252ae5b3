import { z } from 'zod';
import {
  earlierLayer,
  earlierShape,
  layerName,
  LayerMisfit,
  type Layer,
  type LayerKind,
  type LayerPlace,
} from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('concatenate'),
  name: layerName,
  with: earlierLayer,
});

type Options = z.input<typeof schema>;

/** Appends the channels of an earlier layer's output: […, a] and […, b] → […, a + b]. */
export function concatenate(options: Omit<Options, 'kind'>): Options {
  return { kind: 'concatenate', ...options };
}

/** The kind `concatenate` in the registry. */
export const concatenateLayer: LayerKind<typeof schema> = {
  name: 'concatenate',
  prefix: 'concat',
  schema,
  make,
};

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const { name, inputShape } = place;
  const other = earlierShape(place, layer.with);
  const places = inputShape.slice(0, -1);
  if (other.slice(0, -1).join() !== places.join() || other.length !== inputShape.length) {
    throw new LayerMisfit(
      `it appends [${other.join(', ')}], the output of ${layer.with}, to [${inputShape.join(', ')}]`,
    );
  }
  return {
    name,
    kind: 'concatenate',
    outputShape: [...places, (inputShape.at(-1) ?? 0) + (other.at(-1) ?? 0)],
    parameters: [],
    operations: [{ operation: concatenation(tf), parameters: [], sources: [layer.with] }],
    keras: { className: 'Concatenate', config: { axis: -1 } },
  };
}

const concatenation = (tf: TensorFlow): Operation => ({
  monotone: false,
  forward(x, _weights, _pass, [other]) {
    const axis = x.rank - 1;
    const sizes = [x.shape[axis], other.shape[axis]];
    return {
      output: tf.concat([x, other], axis),
      backward: (dy) => {
        const [input, source] = tf.split(dy, sizes, axis);
        return { input, parameters: [], sources: [source] };
      },
    };
  },
});
