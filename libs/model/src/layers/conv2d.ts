import { z } from 'zod';
import { convolve, filterGradient, imageGradient } from '../kernels/convolution.js';
import { axisGeometry, type ConvolutionWindow } from '../kernels/padding.js';
import { initialFor } from './initialisation.js';
import {
  imageShapeOf,
  LayerMisfit,
  type Layer,
  type LayerKind,
  type LayerPlace,
  layerName,
  paddingMode,
  wholeNumber,
} from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';
import { biasOperation } from './bias.js';

const schema = z.strictObject({
  kind: z.literal('conv2d'),
  name: layerName,
  filters: wholeNumber.describe('number of filters'),
  kernelSize: wholeNumber.describe('height and width of each filter'),
  stride: wholeNumber.default(1).describe('pixels from one filter position to the next'),
  padding: paddingMode.default('same'),
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
  const { filters, kernelSize, stride, padding } = layer;
  const [height, width, channels] = imageShapeOf(place);
  const outputHeight = axisGeometry(height, kernelSize, stride, padding).output;
  const outputWidth = axisGeometry(width, kernelSize, stride, padding).output;
  if (outputHeight < 1 || outputWidth < 1) {
    throw new LayerMisfit(
      `its ${kernelSize}×${kernelSize} filter is larger than ${height}×${width}`,
    );
  }
  const { name, initialisation } = place;
  const initial = initialFor(initialisation, kernelSize * kernelSize * channels);
  return {
    name,
    kind: 'conv2d',
    outputShape: [outputHeight, outputWidth, filters],
    window: { size: kernelSize, stride, padding },
    parameters: [
      {
        name: `${name}/weights`,
        shape: [kernelSize, kernelSize, channels, filters],
        gradient: 'dense',
        factorable: false,
        initial: initial.weights,
      },
      {
        name: `${name}/biases`,
        shape: [filters],
        gradient: 'dense',
        factorable: false,
        initial: initial.biases,
      },
    ],
    operations: [
      {
        operation: convolutionOperation(tf, { stride, padding }),
        parameters: [0],
      },
      { operation: biasOperation(tf), parameters: [1] },
    ],
    keras: {
      className: 'Conv2D',
      config: {
        filters,
        kernel_size: [kernelSize, kernelSize],
        strides: [stride, stride],
        padding,
        data_format: 'channels_last',
        activation: 'linear',
        use_bias: true,
      },
    },
  };
}

function convolutionOperation(tf: TensorFlow, window: ConvolutionWindow): Operation {
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
