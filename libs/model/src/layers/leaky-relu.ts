import { z } from 'zod';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import { withoutParameters, type Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const slope = z
  .number()
  .gt(0, 'must be above 0')
  .lt(1, 'must be below 1')
  .default(0.01)
  .describe('slope below 0');
const schema = z.strictObject({ kind: z.literal('leakyRelu'), name: layerName, slope });

type Options = z.input<typeof schema>;

/** x where it is positive, else slope · x (Maas, Hannun & Ng, ICML 2013). */
export function leakyRelu(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'leakyRelu', ...options };
}

/** The kind `leakyRelu` in the registry. */
export const leakyReluLayer: LayerKind<typeof schema> = {
  name: 'leakyRelu',
  prefix: 'leaky',
  schema,
  make,
};

function make(tf: TensorFlow, { slope }: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'leakyRelu',
    outputShape: place.inputShape,
    parameters: [],
    operations: [{ operation: leakyReluOperation(tf, slope), parameters: [] }],
    keras: { className: 'LeakyReLU', config: { alpha: slope } },
  };
}

const leakyReluOperation = (tf: TensorFlow, slope: number): Operation =>
  withoutParameters((x) => {
    const isPositive = tf.greater(x, 0);
    return {
      output: tf.where(isPositive, x, tf.mul(x, slope)),
      gradient: (dy) => tf.where(isPositive, dy, tf.mul(dy, slope)),
    };
  }, true);
