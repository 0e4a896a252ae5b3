import { z } from 'zod';
import { activationName, kerasActivation, onnxActivation } from './activations.js';
import { layerRule, snakeCased, type LayerRule } from './layer-rule.js';

const dense = layerRule({
  schema: z.object({ units: z.number(), useBias: z.boolean(), activation: activationName }),
  keras: (settings) => ({
    config: { ...snakeCased(settings), activation: kerasActivation(settings.activation) },
  }),
  onnx: ({ activation }, { layer }, [x], graph) => {
    const [kernel, bias] = layer.weights;
    const product = graph.add('MatMul', [x, graph.weight(kernel)]);
    const sum = bias ? graph.add('Add', [product, graph.weight(bias)]) : product;
    return onnxActivation(graph, activation, sum);
  },
});

const INT64 = 7;

const embedding = layerRule({
  schema: z.object({
    inputDim: z.number(),
    outputDim: z.number(),
    maskZero: z.literal(false, 'a mask is not supported').nullish(),
  }),
  keras: ({ inputDim, outputDim }) => ({
    config: { input_dim: inputDim, output_dim: outputDim, mask_zero: false },
  }),
  onnx: (_settings, { layer }, [x], graph) => {
    const rows = graph.add('Cast', [x], { to: INT64 });
    return graph.add('Gather', [graph.weight(layer.weights[0]), rows]);
  },
});

/** Products with a matrix, and rows of one. */
export const denseRules: Readonly<Record<string, LayerRule>> = {
  Dense: dense,
  Embedding: embedding,
};
