import { z } from 'zod';
import { convolve, filterGradient, imageGradient } from '../kernels/convolution.js';
import type { ConvolutionWindow } from '../kernels/padding.js';
import { biasSwitch, withBias } from './bias.js';
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
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('conv2d'),
  name: layerName,
  filters: wholeNumber.describe('number of filters'),
  kernelSize: wholeNumber.describe('height and width of each filter'),
  stride: wholeNumber.default(1).describe('pixels from one filter position to the next'),
  padding: paddingMode.default('same'),
  bias: biasSwitch,
  initialiser,
});

type Options = z.input<typeof schema>;

/** A convolution with a bias: [h, w, c] → [h', w', filters]. Padding `same` unless said otherwise. */
export function conv2d(options: Omit<Options, 'kind'>): Options {
  return { kind: 'conv2d', ...options };
}

/** The kind `conv2d` in the registry. */
export const conv2dLayer: LayerKind<typeof schema> = {
  name: 'conv2d',
  prefix: 'conv',
  schema,
  make,
};

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const { filters, kernelSize, stride, padding, bias } = layer;
  const window = { size: kernelSize, stride, padding };
  const { height, width, channels } = windowOutput(place, window, 'filter');
  const { name, initialisation } = place;
  const area = kernelSize * kernelSize;
  const fans = { fanIn: area * channels, fanOut: area * filters };
  const initial = initialFor(initialisation, fans, layer.initialiser);
  const weights: ModelParameter = {
    name: `${name}/weights`,
    shape: [kernelSize, kernelSize, channels, filters],
    gradient: 'dense',
    factorable: false,
    initial: initial.weights,
  };
  const operations = [{ operation: convolutionOperation(tf, window), parameters: [0] }];
  return {
    name,
    kind: 'conv2d',
    outputShape: [height, width, filters],
    window,
    ...withBias(
      tf,
      { parameters: [weights], operations },
      { used: bias, layer: name, units: filters, initial: initial.biases },
    ),
    keras: {
      className: 'Conv2D',
      config: {
        filters,
        kernel_size: [kernelSize, kernelSize],
        strides: [stride, stride],
        padding,
        data_format: 'channels_last',
        activation: 'linear',
        use_bias: bias,
      },
    },
  };
}

/** Convolves by its one parameter, a filter [kh, kw, in, out]. */
export function convolutionOperation(tf: TensorFlow, window: ConvolutionWindow): Operation {
  return {
    monotone: false,
    forward(x, [filter]) {
      return {
        output: convolve(tf, x, filter, window),
        backward: (dy, wantInput) => ({
          ...(wantInput && { input: imageGradient(tf, dy, filter, x.shape, window) }),
          parameters: [{ kind: 'dense', values: filterGradient(tf, x, dy, filter.shape, window) }],
        }),
      };
    },
  };
}
