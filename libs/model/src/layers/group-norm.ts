import { sizeOf } from '@lockstep/core';
import { z } from 'zod';
import { normalise } from '../kernels/normalise.js';
import {
  layerName,
  LayerMisfit,
  wholeNumber,
  type KerasLayer,
  type Layer,
  type LayerKind,
  type LayerPlace,
} from './layer.js';
import { withoutParameters, type Operation, type SampleShape } from './operation.js';
import { epsilonSetting, normalised } from './scale-and-shift.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('groupNorm'),
  name: layerName,
  groups: wholeNumber.default(32).describe('groups of channels, each normalised by itself'),
  epsilon: epsilonSetting,
});

type Options = z.input<typeof schema>;

/**
 * Each sample normalised over all places and the channels of one group, then scaled and shifted per channel
 * (Wu & He, arXiv:1803.08494).
 */
export function groupNorm(options: Omit<Options, 'kind'> = {}): Options {
  return { kind: 'groupNorm', ...options };
}

/** The kind `groupNorm` in the registry. */
export const groupNormLayer: LayerKind<typeof schema> = {
  name: 'groupNorm',
  prefix: 'groupnorm',
  schema,
  make,
};

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const { groups, epsilon } = layer;
  const { name, inputShape } = place;
  const channels = inputShape.at(-1) ?? 0;
  if (channels % groups !== 0) {
    throw new LayerMisfit(`its ${channels} channels cannot be divided into ${groups} equal groups`);
  }
  const operation = { operation: normOperation(tf, groups, epsilon), parameters: [] };
  const { parameters, operations } = normalised(tf, operation, name, channels);
  const [gamma, beta] = parameters;
  return {
    name,
    kind: 'groupNorm',
    outputShape: inputShape,
    parameters: [
      { ...gamma, saved: { name: 'depthwise_kernel', shape: [1, 1, channels, 1] } },
      { ...beta, saved: { name: 'bias', shape: [channels] } },
    ],
    operations,
    keras: kerasLayers(inputShape, groups, epsilon),
  };
}

/**
 * tfjs-layers has no group normalisation: a layer normalisation over the last axes of [groups, places, channels of a
 * group], then a depthwise 1×1 convolution, whose filter is γ and whose bias is β.
 */
function kerasLayers(shape: SampleShape, groups: number, epsilon: number): KerasLayer[] {
  const channels = shape.at(-1) ?? 0;
  const places = sizeOf(shape) / channels;
  const exchange = { className: 'Permute', config: { dims: [2, 1, 3] } };
  const reshape = (part: string, target_shape: readonly number[]): KerasLayer => ({
    className: 'Reshape',
    config: { target_shape },
    part,
  });
  return [
    reshape('grouped', [places, groups, channels / groups]),
    { ...exchange, part: 'groups-first' },
    {
      className: 'LayerNormalization',
      config: { axis: [2, 3], epsilon, center: false, scale: false },
      part: 'normalised',
    },
    { ...exchange, part: 'places-first' },
    reshape('image', [places, 1, channels]),
    {
      className: 'DepthwiseConv2D',
      config: {
        ...{ kernel_size: [1, 1], depth_multiplier: 1, strides: [1, 1], padding: 'valid' },
        ...{ data_format: 'channels_last', activation: 'linear', use_bias: true },
      },
    },
    reshape('output', shape),
  ];
}

const normOperation = (tf: TensorFlow, groups: number, epsilon: number): Operation =>
  withoutParameters((x) => {
    const channels = x.shape[x.rank - 1];
    const grouped = tf.reshape(x, [x.shape[0], -1, groups, channels / groups]);
    const { output, gradient } = normalise(tf, grouped, [1, 3], epsilon);
    return {
      output: tf.reshape(output, x.shape),
      gradient: (dy) => tf.reshape(gradient(tf.reshape(dy, grouped.shape)), x.shape),
    };
  });
