import { z } from 'zod';
import { Inexpressible } from '../graph/inexpressible.js';
import { activationName, clip, kerasActivation, onnxActivation } from './activations.js';
import { layerRule, type LayerRule } from './layer-rule.js';

const activation = layerRule({
  schema: z.object({ activation: activationName }),
  keras: ({ activation }) => ({ config: { activation: kerasActivation(activation) } }),
  onnx: ({ activation }, _call, [x], graph) => onnxActivation(graph, activation, x),
});

const relu = layerRule({
  schema: z.object({ maxValue: z.number().nullish() }),
  onnx: ({ maxValue }, _call, [x], graph) =>
    typeof maxValue === 'number' ? clip(graph, x, 0, maxValue) : graph.add('Relu', [x]),
});

const alpha = z.object({ alpha: z.number() });

const leakyRelu = layerRule({
  schema: alpha,
  keras: ({ alpha }) => ({ config: { negative_slope: alpha } }),
  onnx: ({ alpha }, _call, [x], graph) => graph.add('LeakyRelu', [x], { alpha: { float: alpha } }),
});

const elu = layerRule({
  schema: alpha,
  onnx: ({ alpha }, _call, [x], graph) => graph.add('Elu', [x], { alpha: { float: alpha } }),
});

const prelu = layerRule({
  schema: z.object({ sharedAxes: z.array(z.number()).nullish() }),
  onnx: (_settings, { layer }, [x], graph) =>
    graph.add('PRelu', [x, graph.weight(layer.weights[0])]),
});

const thresholdedRelu = layerRule({
  schema: z.object({ theta: z.number() }),
  keras: () => {
    throw new Inexpressible('Keras 3 has no such layer');
  },
  onnx: ({ theta }, _call, [x], graph) =>
    graph.add('ThresholdedRelu', [x], { alpha: { float: theta } }),
});

const softmax = layerRule({
  schema: z.object({ axis: z.number() }),
  onnx: ({ axis }, _call, [x], graph) => graph.add('Softmax', [x], { axis }),
});

/** Activations that are layers. */
export const activationRules: Readonly<Record<string, LayerRule>> = {
  Activation: activation,
  ReLU: relu,
  LeakyReLU: leakyRelu,
  ELU: elu,
  PReLU: prelu,
  ThresholdedReLU: thresholdedRelu,
  Softmax: softmax,
};
