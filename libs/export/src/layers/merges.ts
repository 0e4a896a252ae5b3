import { z } from 'zod';
import { Inexpressible } from '../graph/inexpressible.js';
import type { LayerCall } from '../graph/model-graph.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import { layerRule, type LayerRule } from './layer-rule.js';

/** An elementwise function of several tensors; smaller ones are repeated along axes of size 1. */
const elementwise = (merge: (graph: OnnxGraph, inputs: readonly string[]) => string): LayerRule =>
  layerRule({
    schema: z.object({}),
    onnx: (_settings, call, inputs, graph) => {
      sameRank(call);
      return merge(graph, inputs);
    },
  });

/** TensorFlow.js fits tensors of different ranks at their first axes, ONNX at their last. */
function sameRank({ inputs }: LayerCall): void {
  const ranks = new Set(inputs.map(({ shape }) => shape.length));
  if (ranks.size > 1) throw new Inexpressible('its inputs have different numbers of axes');
}

const operator = (name: string): LayerRule =>
  elementwise((graph, inputs) => graph.add(name, inputs));

const concatenate = layerRule({
  schema: z.object({ axis: z.number() }),
  onnx: ({ axis }, _call, inputs, graph) => graph.add('Concat', inputs, { axis }),
});

/** Layers that take the outputs of several. */
export const mergeRules: Readonly<Record<string, LayerRule>> = {
  Add: operator('Sum'),
  Average: operator('Mean'),
  Maximum: operator('Max'),
  Minimum: operator('Min'),
  Multiply: elementwise((graph, inputs) => inputs.reduce((a, b) => graph.add('Mul', [a, b]))),
  Concatenate: concatenate,
};
