import { z } from 'zod';
import { convolve, filterGradient, imageGradient } from '../kernels/convolution.js';
import type { ConvolutionWindow } from '../kernels/padding.js';
import { withBias } from './bias.js';
import { convolutionSettings, kerasConvolution } from './convolution-settings.js';
import { initialFor } from './initialisation.js';
import {
  denseParameter,
  layerName,
  wholeNumber,
  windowOutput,
  type Layer,
  type LayerKind,
  type LayerPlace,
} from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('conv2d'),
  name: layerName,
  filters: wholeNumber.describe('number of filters'),
  ...convolutionSettings,
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
  const shape = [kernelSize, kernelSize, channels, filters];
  const weights = denseParameter(`${name}/weights`, shape, initial.weights);
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
    keras: { className: 'Conv2D', config: { filters, ...kerasConvolution(layer) } },
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
