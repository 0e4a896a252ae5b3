import { z } from 'zod';
import { biasSwitch, withBias } from './bias.js';
import { convolutionOperation } from './conv2d.js';
import { depthwiseOperation } from './depthwise-conv2d.js';
import { initialFor, initialiser } from './initialisation.js';
import {
  layerName,
  paddingMode,
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
  kernelSize: wholeNumber.describe('height and width of each filter'),
  multiplier: wholeNumber.default(1).describe('filters per input channel'),
  stride: wholeNumber.default(1).describe('pixels from one filter position to the next'),
  padding: paddingMode.default('same'),
  bias: biasSwitch,
  initialiser,
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
      config: {
        filters,
        kernel_size: [kernelSize, kernelSize],
        depth_multiplier: multiplier,
        strides: [stride, stride],
        padding,
        data_format: 'channels_last',
        activation: 'linear',
        use_bias: bias,
      },
    },
  };
}

function parametersOf(
  { filters, kernelSize, multiplier, initialiser: own }: z.output<typeof schema>,
  { name, initialisation }: LayerPlace,
  channels: number,
): { parameters: ModelParameter[]; biases: ModelParameter['initial'] } {
  const area = kernelSize * kernelSize;
  const between = channels * multiplier;
  const first = initialFor(initialisation, { fanIn: area, fanOut: area * multiplier }, own);
  const second = initialFor(initialisation, { fanIn: between, fanOut: filters }, own);
  return {
    parameters: [
      {
        name: `${name}/depthwise_kernel`,
        shape: [kernelSize, kernelSize, channels, multiplier],
        gradient: 'dense',
        factorable: false,
        initial: first.weights,
      },
      {
        name: `${name}/pointwise_kernel`,
        shape: [1, 1, between, filters],
        gradient: 'dense',
        factorable: false,
        initial: second.weights,
      },
    ],
    biases: second.biases,
  };
}
