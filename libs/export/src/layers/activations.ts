import { z } from 'zod';
import { Inexpressible } from '../graph/inexpressible.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';

interface Activation {
  /** Its name in Keras 3; absent where Keras computes another function. */
  readonly keras?: string;
  onnx(graph: OnnxGraph, x: string): string;
}

const operator =
  (name: string, attributes: Parameters<OnnxGraph['add']>[2] = {}): Activation['onnx'] =>
  (graph, x) =>
    graph.add(name, [x], attributes);

/** By their names in tfjs-layers. */
const activations = {
  elu: { keras: 'elu', onnx: operator('Elu') },
  gelu: { keras: 'gelu', onnx: gelu },
  gelu_new: { onnx: geluByTanh },
  hardSigmoid: { onnx: operator('HardSigmoid') },
  linear: { keras: 'linear', onnx: (_, x) => x },
  logSoftmax: { keras: 'log_softmax', onnx: operator('LogSoftmax', { axis: -1 }) },
  mish: {
    keras: 'mish',
    onnx: (graph, x) => graph.add('Mul', [x, graph.add('Tanh', [graph.add('Softplus', [x])])]),
  },
  relu: { keras: 'relu', onnx: operator('Relu') },
  relu6: { keras: 'relu6', onnx: (graph, x) => clip(graph, x, 0, 6) },
  selu: { keras: 'selu', onnx: operator('Selu') },
  sigmoid: { keras: 'sigmoid', onnx: operator('Sigmoid') },
  softmax: { keras: 'softmax', onnx: operator('Softmax', { axis: -1 }) },
  softplus: { keras: 'softplus', onnx: operator('Softplus') },
  softsign: { keras: 'softsign', onnx: operator('Softsign') },
  swish: {
    keras: 'silu',
    onnx: (graph, x) => graph.add('Mul', [x, graph.add('Sigmoid', [x])]),
  },
  tanh: { keras: 'tanh', onnx: operator('Tanh') },
} satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;

/** An activation by its name. */
export const activationName = z.enum(Object.keys(activations) as [ActivationName]);

/** @throws Inexpressible where the function of this name is another one in Keras 3 */
export function kerasActivation(name: ActivationName): string {
  const { keras }: Activation = activations[name];
  if (keras !== undefined) return keras;
  throw new Inexpressible(`Keras 3 has no activation that equals ${name} of TensorFlow.js`);
}

/** Adds an activation. @returns the name of its output */
export function onnxActivation(graph: OnnxGraph, name: ActivationName, x: string): string {
  return activations[name].onnx(graph, x);
}

/** Adds a clip to a range. */
export function clip(graph: OnnxGraph, x: string, low: number, high: number): string {
  return graph.add('Clip', [x, graph.floats([low], [], 'low'), graph.floats([high], [], 'high')]);
}

/** x · ½ · (1 + erf(x / √2)) */
function gelu(graph: OnnxGraph, x: string): string {
  const scaled = graph.add('Mul', [x, graph.floats([Math.SQRT1_2], [], 'scale')]);
  return halfOfOnePlus(graph, x, graph.add('Erf', [scaled]));
}

/** x · ½ · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) */
function geluByTanh(graph: OnnxGraph, x: string): string {
  const cube = graph.add('Mul', [graph.add('Mul', [x, x]), x]);
  const small = graph.add('Mul', [cube, graph.floats([0.044715], [], 'small')]);
  const root = graph.floats([Math.sqrt(2 / Math.PI)], [], 'root');
  const inner = graph.add('Mul', [graph.add('Add', [x, small]), root]);
  return halfOfOnePlus(graph, x, graph.add('Tanh', [inner]));
}

/** x · ½ · (1 + y) */
function halfOfOnePlus(graph: OnnxGraph, x: string, y: string): string {
  const plus = graph.add('Add', [y, graph.floats([1], [], 'one')]);
  const half = graph.add('Mul', [plus, graph.floats([0.5], [], 'half')]);
  return graph.add('Mul', [x, half]);
}
