import type { Tensor } from '@tensorflow/tfjs-core';
import { LockstepError } from '@lockstep/core';
import { z } from 'zod';
import {
  denseParameter,
  layerName,
  LayerMisfit,
  wholeNumber,
  type Layer,
  type LayerKind,
  type LayerPlace,
} from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('embedding'),
  name: layerName,
  vocabulary: wholeNumber.describe('number of different tokens: they are 0 to vocabulary − 1'),
  units: wholeNumber.describe('length of the vector of a token'),
});

type Options = z.input<typeof schema>;

/** A trained vector for each token: tokens [length] → [length, units]. */
export function embedding(options: Omit<Options, 'kind'>): Options {
  return { kind: 'embedding', ...options };
}

/** The kind `embedding` in the registry. */
export const embeddingLayer: LayerKind<typeof schema> = {
  name: 'embedding',
  prefix: 'embedding',
  schema,
  make,
};

/** Before the first step. */
const INITIAL = { kind: 'truncated-normal', deviation: 0.05 } as const;

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const { vocabulary, units } = layer;
  const { name, inputShape } = place;
  const [length] = inputShape;
  if (length === undefined || inputShape.length !== 1) {
    throw new LayerMisfit(`it needs [length] and is given [${inputShape.join(', ')}]`);
  }
  return {
    name,
    kind: 'embedding',
    outputShape: [length, units],
    parameters: [denseParameter(`${name}/embeddings`, [vocabulary, units], INITIAL)],
    operations: [{ operation: lookUp(tf, name), parameters: [0] }],
    keras: {
      className: 'Embedding',
      config: { input_dim: vocabulary, output_dim: units, input_length: length },
    },
  };
}

function lookUp(tf: TensorFlow, layer: string): Operation {
  return {
    monotone: false,
    forward(x, [vectors]) {
      const [vocabulary, units] = vectors.shape as [number, number];
      const tokens = tokensOf(x, vocabulary, layer);
      return {
        output: tf.gather(vectors, tf.tensor(tokens, x.shape, 'int32')),
        backward: (dy) => ({
          parameters: [
            {
              kind: 'dense',
              values: tf.tensor(sumByToken(tokens, dy.dataSync<'float32'>(), vocabulary, units), [
                vocabulary,
                units,
              ]),
            },
          ],
        }),
      };
    },
  };
}

/** @throws LockstepError `model-invalid` for a value that is no token */
function tokensOf(x: Tensor, vocabulary: number, layer: string): Int32Array {
  const values = x.dataSync();
  const wrong = values.find(
    (value) => !(Number.isInteger(value) && value >= 0 && value < vocabulary),
  );
  if (wrong === undefined) return Int32Array.from(values);
  throw new LockstepError(
    'model-invalid',
    `layer ${layer}: its input has the value ${wrong}, but tokens are 0 to ${vocabulary - 1}`,
    { remedy: 'Correct the tokens of the data, or set a larger `vocabulary`.' },
  );
}

/**
 * The sum of each token's rows of dy, in the order of samples and places: the same bits on every backend.
 *
 * @param dy [tokens.length, units]
 * @returns [vocabulary, units]
 */
function sumByToken(
  tokens: Int32Array,
  dy: Float32Array,
  vocabulary: number,
  units: number,
): Float32Array {
  const sums = new Float32Array(vocabulary * units);
  tokens.forEach((token, place) => {
    for (let unit = 0; unit < units; unit++) sums[token * units + unit] += dy[place * units + unit];
  });
  return sums;
}
