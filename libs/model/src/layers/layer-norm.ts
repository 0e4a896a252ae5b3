import { z } from 'zod';
import { normalise } from '../kernels/normalise.js';
import { layerName, LayerMisfit, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import { withoutParameters, type Operation } from './operation.js';
import { epsilonSetting, normalised } from './scale-and-shift.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('layerNorm'),
  name: layerName,
  epsilon: epsilonSetting,
});

type Options = z.input<typeof schema>;

/**
 * Each sample normalised over its last axis, then scaled and shifted per channel (Ba, Kiros & Hinton,
 * arXiv:1607.06450); of an image each place by itself, as Keras does.
 */
export function layerNorm(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'layerNorm', ...options };
}

/** The kind `layerNorm` in the registry. */
export const layerNormLayer: LayerKind<typeof schema> = {
  name: 'layerNorm',
  prefix: 'layernorm',
  schema,
  make,
};

function make(tf: TensorFlow, { epsilon }: z.output<typeof schema>, place: LayerPlace): Layer {
  const { name, inputShape } = place;
  const channels = inputShape.at(-1);
  if (channels === undefined) throw new LayerMisfit('it needs at least one axis');
  const operation = { operation: normOperation(tf, epsilon), parameters: [] };
  return {
    name,
    kind: 'layerNorm',
    outputShape: inputShape,
    ...normalised(tf, operation, name, channels),
    keras: { className: 'LayerNormalization', config: { axis: -1, epsilon } },
  };
}

const normOperation = (tf: TensorFlow, epsilon: number): Operation =>
  withoutParameters((x) => normalise(tf, x, [x.rank - 1], epsilon));
