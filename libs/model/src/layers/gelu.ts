import { z } from 'zod';
import { layerName, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import { withoutParameters, type Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({ kind: z.literal('gelu'), name: layerName });

type Options = z.input<typeof schema>;

/**
 * x · Φ(x), with Φ the distribution function of the standard normal: Φ(x) = (1 + erf(x / √2)) / 2. The exact form
 * of Hendrycks & Gimpel, "Gaussian Error Linear Units", arXiv:1606.08415, not its approximation by tanh.
 */
export function gelu(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'gelu', ...options };
}

/** The kind `gelu` in the registry. */
export const geluLayer: LayerKind<typeof schema> = { name: 'gelu', prefix: 'gelu', schema, make };

function make(tf: TensorFlow, _layer: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'gelu',
    outputShape: place.inputShape,
    parameters: [],
    operations: [{ operation: geluOperation(tf), parameters: [] }],
    keras: { className: 'Activation', config: { activation: 'gelu' } },
  };
}

/** 1 / √(2π), the density of the standard normal at 0. */
const PEAK = 0.3989422804014327;

/** d/dx x · Φ(x) = Φ(x) + x · φ(x), with the density φ(x) = exp(−x² / 2) / √(2π). */
const geluOperation = (tf: TensorFlow): Operation =>
  withoutParameters((x) => {
    const cumulative = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    return {
      output: tf.mul(x, cumulative),
      gradient: (dy) => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), PEAK);
        return tf.mul(dy, tf.add(cumulative, tf.mul(x, density)));
      },
    };
  });
