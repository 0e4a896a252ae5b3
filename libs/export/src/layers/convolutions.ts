import { z } from 'zod';
import type { GraphTensor, GraphWeight, LayerCall } from '../graph/model-graph.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import { activationName, kerasActivation, onnxActivation } from './activations.js';
import {
  channelsLast,
  layerRule,
  snakeCased,
  type KerasLayer,
  type LayerRule,
} from './layer-rule.js';
import { paddingMode, windowAttributes, withChannelsFirst } from './windows.js';

const common = {
  kernelSize: z.array(z.number()),
  strides: z.array(z.number()),
  padding: paddingMode,
  dataFormat: channelsLast,
  useBias: z.boolean(),
  activation: activationName,
};
const filters = z.number();
const dilationRate = z.array(z.number());
/** TensorFlow.js passes over the dilation of these layers. */
const noDilation = z.array(z.literal(1, 'a dilation is not supported')).optional();
const depthMultiplier = z.number();

type Settings = z.output<z.ZodObject<typeof common>> & {
  readonly dilationRate?: readonly number[] | undefined;
};

const keras = (settings: Settings): KerasLayer => ({
  config: { ...snakeCased(settings), activation: kerasActivation(settings.activation) },
});

/** A kernel, its axes in ONNX and the shape there: [outputs, inputs of a group, …window]. */
interface Kernel {
  readonly weight: GraphWeight;
  readonly axes: readonly number[];
  readonly shape?: readonly number[];
  readonly groups: number;
}

/** [batch, …, in] → [batch, …, out] */
function convolve(
  graph: OnnxGraph,
  x: string,
  input: GraphTensor,
  settings: Settings,
  kernel: Kernel,
  bias: GraphWeight | undefined,
): string {
  const { kernelSize: sizes, strides, padding, dilationRate } = settings;
  const dilations = dilationRate ?? sizes.map(() => 1);
  const attributes = windowAttributes(input, { sizes, strides, padding, dilations });
  const weights = graph.weight(kernel.weight, kernel.axes, kernel.shape);
  return withChannelsFirst(graph, input.shape.length, x, (first) =>
    graph.add('Conv', [first, weights, ...(bias ? [graph.weight(bias)] : [])], {
      ...{ ...attributes, group: kernel.groups },
    }),
  );
}

/** [k, …, in, out] → [out, in, k, …] */
function fullKernel(weight: GraphWeight): Kernel {
  const rank = weight.shape.length;
  const window = weight.shape.slice(0, -2).map((_, i) => i);
  return { weight, axes: [rank - 1, rank - 2, ...window], groups: 1 };
}

/** [kh, kw, channels, multiplier] → [channels · multiplier, 1, kh, kw] */
function depthwiseKernel(weight: GraphWeight): Kernel {
  const [height, width, channels, multiplier] = weight.shape;
  return {
    ...{ weight, axes: [2, 3, 0, 1], groups: channels },
    shape: [channels * multiplier, 1, height, width],
  };
}

const convolution = layerRule({
  schema: z.object({ filters, dilationRate, ...common }),
  keras,
  onnx: (settings, { layer, inputs }, [x], graph) => {
    const [kernel, bias] = layer.weights;
    const y = convolve(graph, x, inputs[0], settings, fullKernel(kernel), bias);
    return onnxActivation(graph, settings.activation, y);
  },
});

const depthwise = layerRule({
  schema: z.object({ depthMultiplier, dilationRate: noDilation, ...common }),
  keras,
  onnx: (settings, { layer, inputs }, [x], graph) => {
    const [kernel, bias] = layer.weights;
    const y = convolve(graph, x, inputs[0], settings, depthwiseKernel(kernel), bias);
    return onnxActivation(graph, settings.activation, y);
  },
});

const separable = layerRule({
  schema: z.object({ filters, dilationRate, ...common }),
  keras: (settings, { weights: [depth] }) => ({
    // TensorFlow.js leaves the multiplier out of the layer's settings.
    config: { ...keras(settings).config, depth_multiplier: depth.shape.at(-1) },
  }),
  onnx: (settings, call, [x], graph) => {
    const [depth, point, bias] = call.layer.weights;
    const between = convolve(graph, x, call.inputs[0], settings, depthwiseKernel(depth), undefined);
    const one = { ...settings, kernelSize: [1, 1], strides: [1, 1], dilationRate: [1, 1] };
    const y = convolve(graph, between, call.output, one, fullKernel(point), bias);
    return onnxActivation(graph, settings.activation, y);
  },
});

const transposedConvolution = layerRule({
  schema: z.object({ filters, ...common }),
  keras,
  onnx: (settings, call, [x], graph) =>
    onnxActivation(graph, settings.activation, convolveTransposed(graph, x, call, settings)),
});

/** The gradient of a convolution: outputs size · stride, for `valid` with the window's overhang. */
function convolveTransposed(
  graph: OnnxGraph,
  x: string,
  { layer, inputs }: LayerCall,
  { kernelSize, strides, padding }: Settings,
): string {
  const [kernel, bias] = layer.weights;
  const overhang = kernelSize.map((size, i) => size - strides[i]);
  const cut = overhang.map((size) => (padding === 'same' ? Math.max(size, 0) : 0));
  const attributes = {
    ...{ kernel_shape: kernelSize, strides },
    pads: [...cut.map((size) => Math.floor(size / 2)), ...cut.map((size) => Math.ceil(size / 2))],
    output_padding: overhang.map((size) => Math.max(-size, 0)),
  };
  // [k, …, out, in] → [in, out, k, …]
  const weights = graph.weight(kernel, fullKernel(kernel).axes);
  return withChannelsFirst(graph, inputs[0].shape.length, x, (first) =>
    graph.add('ConvTranspose', [first, weights, ...(bias ? [graph.weight(bias)] : [])], attributes),
  );
}

/** Convolutions. */
export const convolutionRules: Readonly<Record<string, LayerRule>> = {
  Conv1D: convolution,
  Conv2D: convolution,
  Conv3D: convolution,
  Conv2DTranspose: transposedConvolution,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
};
