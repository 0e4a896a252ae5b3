import { z } from 'zod';
import { withBias } from './bias.js';
import { convolutionOperation } from './conv2d.js';
import {
  convolutionSettings,
  kerasConvolution,
  multiplierSetting,
} from './convolution-settings.js';
import { depthwiseKernel, depthwiseOperation } from './depthwise-conv2d.js';
import { initialFor } from './initialisation.js';
import {
  denseParameter,
  layerName,
  wholeNumber,
  windowOutput,
  type Layer,
  type LayerKind,
  type LayerPlace,
  type ModelParameter,
} from './layer.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('separableConv2d'),
  name: layerName,
  filters: wholeNumber.describe('number of outputs per place'),
  multiplier: multiplierSetting,
  ...convolutionSettings,
});

type Options = z.input<typeof schema>;

/**
 * A convolution of each channel by itself, then a 1×1 convolution over all of them, with a bias: [h, w, c] →
 * [h', w', filters] (Chollet, "Xception", arXiv:1610.02357).
 */
export function separableConv2d(options: Omit<Options, 'kind'>): Options {
  return { kind: 'separableConv2d', ...options };
}

/** The kind `separableConv2d` in the registry. */
export const separableConv2dLayer: LayerKind<typeof schema> = {
  name: 'separableConv2d',
  prefix: 'separable',
  schema,
  make,
};

const POINT = { stride: 1, padding: 'valid' } as const;

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const { filters, kernelSize, multiplier, stride, padding, bias } = layer;
  const window = { size: kernelSize, stride, padding };
  const { height, width, channels } = windowOutput(place, window, 'filter');
  const { name } = place;
  const operations = [
    { operation: depthwiseOperation(tf, window), parameters: [0] },
    { operation: convolutionOperation(tf, POINT), parameters: [1] },
  ];
  const { parameters, biases } = parametersOf(layer, place, channels);
  return {
    name,
    kind: 'separableConv2d',
    outputShape: [height, width, filters],
    window,
    ...withBias(
      tf,
      { parameters, operations },
      { used: bias, layer: name, units: filters, initial: biases },
    ),
    keras: {
      className: 'SeparableConv2D',
      config: { filters, depth_multiplier: multiplier, ...kerasConvolution(layer) },
    },
  };
}

function parametersOf(
  layer: z.output<typeof schema>,
  { name, initialisation }: LayerPlace,
  channels: number,
): { parameters: ModelParameter[]; biases: ModelParameter['initial'] } {
  const { filters, kernelSize, multiplier, initialiser: own } = layer;
  const area = kernelSize * kernelSize;
  const between = channels * multiplier;
  const first = initialFor(initialisation, { fanIn: area, fanOut: area * multiplier }, own);
  const second = initialFor(initialisation, { fanIn: between, fanOut: filters }, own);
  return {
    parameters: [
      depthwiseKernel(name, layer, channels, first.weights),
      denseParameter(`${name}/pointwise_kernel`, [1, 1, between, filters], second.weights),
    ],
    biases: second.biases,
  };
}
