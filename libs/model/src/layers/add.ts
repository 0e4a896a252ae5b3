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

const schema = z.strictObject({ kind: z.literal('add'), name: layerName, with: earlierLayer });

type Options = z.input<typeof schema>;

/** Adds the output of an earlier layer, of the same shape: a residual connection (He et al., arXiv:1512.03385). */
export function add(options: Omit<Options, 'kind'>): Options {
  return { kind: 'add', ...options };
}

/** The kind `add` in the registry. */
export const addLayer: LayerKind<typeof schema> = { name: 'add', prefix: 'add', schema, make };

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const shape = earlierShape(place, layer.with);
  const { name, inputShape } = place;
  if (shape.join() !== inputShape.join()) {
    throw new LayerMisfit(
      `it adds [${shape.join(', ')}], the output of ${layer.with}, to [${inputShape.join(', ')}]`,
    );
  }
  return {
    name,
    kind: 'add',
    outputShape: inputShape,
    parameters: [],
    operations: [{ operation: sumOperation(tf), parameters: [], sources: [layer.with] }],
    keras: { className: 'Add', config: {} },
  };
}

const sumOperation = (tf: TensorFlow): Operation => ({
  monotone: false,
  forward(x, _weights, _pass, [other]) {
    return {
      output: tf.add(x, other),
      backward: (dy) => ({ input: dy, parameters: [], sources: [dy] }),
    };
  },
});
