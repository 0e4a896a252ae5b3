import type { Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { normalise } from '../kernels/normalise.js';
import {
  layerName,
  LayerMisfit,
  type Layer,
  type LayerKind,
  type LayerPlace,
  type ModelBuffer,
} from './layer.js';
import type { Forward, Operation } from './operation.js';
import { epsilonSetting, normalised } from './scale-and-shift.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('batchNorm'),
  name: layerName,
  momentum: z
    .number()
    .gte(0)
    .lt(1, 'must be below 1')
    .default(0.99)
    .describe('share of the running statistics that a step keeps'),
  epsilon: epsilonSetting,
});

type Options = z.input<typeof schema>;

/**
 * Each channel normalised over the samples and places of a shard, then scaled and shifted (Ioffe & Szegedy,
 * arXiv:1502.03167). The statistics are those of a shard, not of the whole batch: ghost batch
 * normalisation (Hoffer, Hubara & Soudry, arXiv:1705.08741). Predictions use running statistics.
 */
export function batchNorm(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'batchNorm', ...options };
}

/** The kind `batchNorm` in the registry. */
export const batchNormLayer: LayerKind<typeof schema> = {
  name: 'batchNorm',
  prefix: 'batchnorm',
  schema,
  make,
};

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const { momentum, epsilon } = layer;
  const { name, inputShape } = place;
  const channels = inputShape.at(-1);
  if (channels === undefined) throw new LayerMisfit('it needs at least one axis');
  const buffer = (statistic: string, value: number): ModelBuffer => ({
    ...{ name: `${name}/${statistic}`, shape: [channels], value },
  });
  const operation = {
    operation: normOperation(tf, momentum, epsilon),
    parameters: [],
    buffers: [0, 1],
  };
  return {
    name,
    kind: 'batchNorm',
    outputShape: inputShape,
    ...normalised(tf, operation, name, channels),
    buffers: [buffer('moving_mean', 0), buffer('moving_variance', 1)],
    keras: { className: 'BatchNormalization', config: { axis: -1, momentum, epsilon } },
  };
}

const normOperation = (tf: TensorFlow, momentum: number, epsilon: number): Operation => ({
  monotone: false,
  forward(x, [mean, variance], pass) {
    return pass.kind === 'inference'
      ? byStatistics(tf, x, mean, tf.rsqrt(tf.add(variance, epsilon)))
      : byShard(tf, x, [mean, variance], momentum, epsilon);
  },
});

/** @param scale one value per channel, as `mean` */
function byStatistics(tf: TensorFlow, x: Tensor, mean: Tensor, scale: Tensor): Forward {
  return {
    output: tf.mul(tf.sub(x, mean), scale),
    backward: (dy, wantInput) => ({
      ...(wantInput && { input: tf.mul(dy, scale) }),
      parameters: [],
    }),
  };
}

/** @param statistics running mean and variance; each moves towards the shard's by 1 − momentum */
function byShard(
  tf: TensorFlow,
  x: Tensor,
  statistics: readonly Tensor[],
  momentum: number,
  epsilon: number,
): Forward {
  const rows = tf.reshape(x, [-1, x.shape[x.rank - 1]]); // [samples · places, channels]
  const { output, mean, variance, gradient } = normalise(tf, rows, [0], epsilon);
  const found = [mean, variance];
  return {
    output: tf.reshape(output, x.shape),
    buffers: statistics.map((moving, i) => {
      const difference = tf.sub(moving, tf.reshape(found[i], moving.shape));
      return tf.sub(moving, tf.mul(difference, 1 - momentum));
    }),
    backward: (dy, wantInput) => ({
      ...(wantInput && { input: tf.reshape(gradient(tf.reshape(dy, rows.shape)), x.shape) }),
      parameters: [],
    }),
  };
}
