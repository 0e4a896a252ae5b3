import { z } from 'zod';
import { inputGradient, multiply } from '../kernels/matrix-product.js';
import { initialFor } from '../initialisation.js';
import { LayerMisfit, type Layer, type LayerPlace } from '../layer.js';
import type { Operation } from '../operation.js';
import { biasOperation } from './bias.js';
import { layerName, wholeNumber } from './options.js';

export const denseSchema = z.strictObject({
  kind: z.literal('dense'),
  name: layerName,
  /** Number of outputs; `classes` for one per class of the data set. */
  units: z.union([wholeNumber, z.literal('classes')]),
});

type Options = z.input<typeof denseSchema>;

/** A fully connected layer with a bias: [in] → [units]. */
export function dense(options: Omit<Options, 'kind'>): Options {
  return { kind: 'dense', ...options };
}

export function buildDense(layer: z.output<typeof denseSchema>, place: LayerPlace): Layer {
  const { name, inputShape, classCount } = place;
  const units = layer.units === 'classes' ? classCount : layer.units;
  const [inputs] = inputShape;
  if (inputs === undefined || inputShape.length !== 1) {
    throw new LayerMisfit(
      `it needs [units] and is given [${inputShape.join(', ')}]: flatten() first`,
    );
  }
  const initial = initialFor(place.initialisation, inputs);
  return {
    name,
    kind: 'dense',
    outputShape: [units],
    parameters: [
      {
        name: `${name}/weights`,
        shape: [inputs, units],
        gradient: 'dense',
        factorable: true,
        initial: initial.weights,
      },
      {
        name: `${name}/biases`,
        shape: [units],
        gradient: 'dense',
        factorable: false,
        initial: initial.biases,
      },
    ],
    operations: [
      { operation: productOperation, parameters: [0] },
      { operation: biasOperation, parameters: [1] },
    ],
    keras: { className: 'Dense', config: { units, activation: 'linear', use_bias: true } },
  };
}

const productOperation: Operation = {
  monotone: false,
  forward(x, [weights]) {
    return {
      output: multiply(x, weights),
      backward: (dy, wantInput) => ({
        ...(wantInput && { input: inputGradient(dy, weights) }),
        parameters: [{ kind: 'factored', inputs: x, deltas: dy }],
      }),
    };
  },
};
