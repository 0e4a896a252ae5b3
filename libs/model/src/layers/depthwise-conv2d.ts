import { z } from 'zod';
import {
  depthwise,
  depthwiseFilterGradient,
  depthwiseImageGradient,
} from '../kernels/depthwise.js';
import type { ConvolutionWindow } from '../kernels/padding.js';
import { withBias } from './bias.js';
import {
  convolutionSettings,
  kerasConvolution,
  multiplierSetting,
} from './convolution-settings.js';
import { initialFor } from './initialisation.js';
import {
  denseParameter,
  layerName,
  windowOutput,
  type Initial,
  type Layer,
  type LayerKind,
  type LayerPlace,
  type ModelParameter,
} from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('depthwiseConv2d'),
  name: layerName,
  multiplier: multiplierSetting,
  ...convolutionSettings,
});

type Options = z.input<typeof schema>;

/** A convolution of each channel by itself, with a bias: [h, w, c] → [h', w', c · multiplier]. */
export function depthwiseConv2d(options: Omit<Options, 'kind'>): Options {
  return { kind: 'depthwiseConv2d', ...options };
}

/** The kind `depthwiseConv2d` in the registry. */
export const depthwiseConv2dLayer: LayerKind<typeof schema> = {
  name: 'depthwiseConv2d',
  prefix: 'depthwise',
  schema,
  make,
};

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const { kernelSize, multiplier, stride, padding, bias } = layer;
  const window = { size: kernelSize, stride, padding };
  const { height, width, channels } = windowOutput(place, window, 'filter');
  const { name, initialisation } = place;
  const area = kernelSize * kernelSize;
  const initial = initialFor(
    initialisation,
    { fanIn: area, fanOut: area * multiplier },
    layer.initialiser,
  );
  const kernel = depthwiseKernel(name, layer, channels, initial.weights);
  const units = channels * multiplier;
  return {
    name,
    kind: 'depthwiseConv2d',
    outputShape: [height, width, units],
    window,
    ...withBias(
      tf,
      {
        parameters: [kernel],
        operations: [{ operation: depthwiseOperation(tf, window), parameters: [0] }],
      },
      { used: bias, layer: name, units, initial: initial.biases },
    ),
    keras: {
      className: 'DepthwiseConv2D',
      config: { depth_multiplier: multiplier, ...kerasConvolution(layer) },
    },
  };
}

/** The filters of a convolution of each channel by itself, [kh, kw, c, multiplier]. */
export function depthwiseKernel(
  layer: string,
  { kernelSize, multiplier }: { readonly kernelSize: number; readonly multiplier: number },
  channels: number,
  initial: Initial,
): ModelParameter {
  const shape = [kernelSize, kernelSize, channels, multiplier];
  return denseParameter(`${layer}/depthwise_kernel`, shape, initial);
}

/** Convolves each channel by its one parameter, filters [kh, kw, c, multiplier]. */
export function depthwiseOperation(tf: TensorFlow, window: ConvolutionWindow): Operation {
  return {
    monotone: false,
    forward(x, [filter]) {
      return {
        output: depthwise(tf, x, filter, window),
        backward: (dy, wantInput) => ({
          ...(wantInput && { input: depthwiseImageGradient(tf, dy, filter, x.shape, window) }),
          parameters: [
            { kind: 'dense', values: depthwiseFilterGradient(tf, x, dy, filter.shape, window) },
          ],
        }),
      };
    },
  };
}
