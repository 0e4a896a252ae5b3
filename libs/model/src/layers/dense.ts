import { z } from 'zod';
import { inputGradient, multiply } from '../kernels/matrix-product.js';
import { biasSwitch, withBias } from './bias.js';
import { initialFor, initialiser } from './initialisation.js';
import {
  LayerMisfit,
  type Layer,
  type LayerKind,
  type LayerPlace,
  type ModelParameter,
  layerName,
  wholeNumber,
} from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('dense'),
  name: layerName,
  units: z
    .union([wholeNumber, z.literal('classes')])
    .describe('number of outputs; `classes` for one per class of the data set'),
  bias: biasSwitch,
  initialiser,
});

type Options = z.input<typeof schema>;

/** A fully connected layer with a bias: [in] → [units]. */
export function dense(options: Omit<Options, 'kind'>): Options {
  return { kind: 'dense', ...options };
}

/** The kind `dense` in the registry. */
export const denseLayer: LayerKind<typeof schema> = { name: 'dense', prefix: 'fc', schema, make };

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const { name, inputShape, classCount } = place;
  const units = layer.units === 'classes' ? classCount : layer.units;
  const [inputs] = inputShape;
  if (inputs === undefined || inputShape.length !== 1) {
    throw new LayerMisfit(
      `it needs [units] and is given [${inputShape.join(', ')}]: flatten() first`,
    );
  }
  const fans = { fanIn: inputs, fanOut: units };
  const initial = initialFor(place.initialisation, fans, layer.initialiser);
  const weights: ModelParameter = {
    name: `${name}/weights`,
    shape: [inputs, units],
    gradient: 'dense',
    factorable: true,
    initial: initial.weights,
  };
  const operations = [{ operation: productOperation(tf), parameters: [0] }];
  return {
    name,
    kind: 'dense',
    outputShape: [units],
    ...withBias(
      tf,
      { parameters: [weights], operations },
      { used: layer.bias, layer: name, units, initial: initial.biases },
    ),
    keras: {
      className: 'Dense',
      config: { units, activation: 'linear', use_bias: layer.bias },
    },
  };
}

/** The product with the weights; its gradient keeps its two factors. */
export const productOperation = (tf: TensorFlow): Operation => ({
  monotone: false,
  forward(x, [weights]) {
    return {
      output: multiply(tf, x, weights),
      backward: (dy, wantInput) => ({
        ...(wantInput && { input: inputGradient(tf, dy, weights) }),
        parameters: [{ kind: 'factored', inputs: x, deltas: dy }],
      }),
    };
  },
});
