import { z } from 'zod';
import type { GraphWeight, LayerCall } from '../graph/model-graph.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import { layerRule, type LayerRule } from './layer-rule.js';

const settings = { epsilon: z.number(), center: z.boolean(), scale: z.boolean() };

/** γ · (x − mean) / √(variance + ε) + β as one product and one sum with constants. */
const batchNorm = layerRule({
  schema: z.object({ axis: z.number(), momentum: z.number(), ...settings }),
  onnx: ({ axis, epsilon }, { layer, inputs }, [x], graph) => {
    const { gamma, beta, moving_mean: mean, moving_variance: variance } = weightsOf(layer.weights);
    const factors = Array.from(
      variance.values,
      (value, i) => (gamma?.values[i] ?? 1) / Math.sqrt(value + epsilon),
    );
    const terms = Array.from(
      mean.values,
      (value, i) => (beta?.values[i] ?? 0) - value * factors[i],
    );
    const rank = inputs[0].shape.length;
    const shape = placedAt([axis], factors.length === 0 ? [0] : [factors.length], rank);
    const product = graph.add('Mul', [x, graph.floats(factors, shape, 'scale')]);
    return graph.add('Add', [product, graph.floats(terms, shape, 'offset')]);
  },
});

const layerNorm = layerRule({
  schema: z.object({ axis: z.union([z.number(), z.array(z.number())]), ...settings }),
  onnx: ({ axis, epsilon }, call, [x], graph) => {
    const axes = [axis].flat();
    const mean = (value: string): string => graph.add('ReduceMean', [value], { axes, keepdims: 1 });
    const centred = graph.add('Sub', [x, mean(x)]);
    const variance = mean(graph.add('Mul', [centred, centred]));
    const root = graph.add('Sqrt', [
      graph.add('Add', [variance, graph.floats([epsilon], [], 'epsilon')]),
    ]);
    return scaledAndShifted(graph, call, axes, graph.add('Div', [centred, root]));
  },
});

function scaledAndShifted(
  graph: OnnxGraph,
  { layer, inputs }: LayerCall,
  axes: readonly number[],
  x: string,
): string {
  const { gamma, beta } = weightsOf(layer.weights);
  const rank = inputs[0].shape.length;
  const constant = ({ values, shape, part }: GraphWeight): string =>
    graph.floats(values, placedAt(axes, shape, rank), part);
  const scaled = gamma ? graph.add('Mul', [x, constant(gamma)]) : x;
  return beta ? graph.add('Add', [scaled, constant(beta)]) : scaled;
}

function weightsOf(weights: readonly GraphWeight[]): Record<string, GraphWeight> {
  return Object.fromEntries(weights.map((weight) => [weight.part, weight]));
}

/** A shape with sizes at some axes and 1 at the others, [c] at −1 of 4 → [1, 1, 1, c]. */
function placedAt(axes: readonly number[], sizes: readonly number[], rank: number): number[] {
  const shape = Array.from({ length: rank }, () => 1);
  axes.forEach((axis, i) => (shape[axis < 0 ? rank + axis : axis] = sizes[i]));
  return shape;
}

/** Normalisations; batch norm by its running statistics. */
export const normalisationRules: Readonly<Record<string, LayerRule>> = {
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
};
