import { z } from 'zod';
import { convolve, filterGradient, imageGradient } from '../kernels/convolution.js';
import type { ConvolutionWindow } from '../kernels/convolution.js';
import { axisGeometry } from '../kernels/padding.js';
import { initialFor } from '../initialisation.js';
import { imageShapeOf, LayerMisfit, type Layer, type LayerPlace } from '../layer.js';
import type { Operation } from '../operation.js';
import { biasOperation } from './bias.js';
import { layerName, wholeNumber } from './options.js';

export const conv2dSchema = z.strictObject({
  kind: z.literal('conv2d'),
  name: layerName,
  filters: wholeNumber,
  /** Height and width of each filter. */
  kernelSize: wholeNumber,
  stride: wholeNumber.default(1),
  padding: z.enum(['same', 'valid']).default('same'),
});

type Options = z.input<typeof conv2dSchema>;

/** A convolution with a bias: [h, w, c] → [h', w', filters]. Padding `same` unless said otherwise. */
export function conv2d(options: Omit<Options, 'kind'>): Options {
  return { kind: 'conv2d', ...options };
}

export function buildConv2d(layer: z.output<typeof conv2dSchema>, place: LayerPlace): Layer {
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
        operation: convolutionOperation({ stride, padding }),
        parameters: [0],
      },
      { operation: biasOperation, parameters: [1] },
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

function convolutionOperation(window: ConvolutionWindow): Operation {
  return {
    monotone: false,
    forward(x, [filter]) {
      return {
        output: convolve(x, filter, window),
        backward: (dy, wantInput) => ({
          ...(wantInput && { input: imageGradient(dy, filter, x.shape, window) }),
          parameters: [{ kind: 'dense', values: filterGradient(x, dy, filter.shape, window) }],
        }),
      };
    },
  };
}
