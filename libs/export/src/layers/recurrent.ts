import { z } from 'zod';
import type { GraphWeight, LayerCall } from '../graph/model-graph.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import { kerasActivation } from './activations.js';
import { layerRule, snakeCased, type KerasLayer, type LayerRule } from './layer-rule.js';

const no = (what: string) => z.literal(false, `${what} is not supported`).nullish();

const common = {
  units: z.number(),
  useBias: z.boolean(),
  returnSequences: z.boolean(),
  returnState: no('returnState'),
  stateful: no('stateful'),
  goBackwards: no('goBackwards'),
};
/** Functions that ONNX' recurrent operators take, by their names in tfjs-layers. */
const activation = z.enum(['hardSigmoid', 'relu', 'sigmoid', 'softsign', 'tanh']);
const plain = z.object({ ...common, activation });
const gated = z.object({ ...common, activation, recurrentActivation: activation });

type Settings = z.output<typeof plain> & Partial<z.output<typeof gated>>;

function keras(settings: Settings): KerasLayer {
  const { recurrentActivation, ...others } = settings;
  return {
    config: {
      ...{ ...snakeCased(others), activation: kerasActivation(settings.activation) },
      ...(recurrentActivation && { recurrent_activation: kerasActivation(recurrentActivation) }),
    },
    holder: 'cell',
  };
}

/** An operator of ONNX: its gates are Keras' in another order. */
interface Recurrent {
  readonly operator: 'RNN' | 'GRU' | 'LSTM';
  /** Numbers of Keras' gates. */
  readonly gates: readonly number[];
  readonly activations: readonly string[];
}

/** [batch, steps, features] → [batch, units], or [batch, steps, units] */
function recur(
  { operator, gates, activations }: Recurrent,
  { units, returnSequences }: Settings,
  { layer }: LayerCall,
  x: string,
  graph: OnnxGraph,
): string {
  const [kernel, recurrent, bias] = layer.weights;
  const stepsFirst = graph.add('Transpose', [x], { perm: [1, 0, 2] });
  const inputs = [stepsFirst, matrix(graph, kernel, gates), matrix(graph, recurrent, gates)];
  if (bias) inputs.push(biases(graph, bias, gates));
  const attributes = { hidden_size: units, activations: { strings: activations.map(onnxName) } };
  // Outputs: [steps, 1, batch, units] and the last step's [1, batch, units].
  const place = returnSequences ? 0 : 1;
  const y = graph.add(operator, inputs, attributes, place);
  if (!returnSequences) return graph.add('Squeeze', [y, graph.ints([0], 'direction')]);
  const steps = graph.add('Squeeze', [y, graph.ints([1], 'direction')]);
  return graph.add('Transpose', [steps], { perm: [1, 0, 2] });
}

/** [inputs, gates · units] → [1, gates · units, inputs] */
function matrix(graph: OnnxGraph, { part, shape, values }: GraphWeight, gates: readonly number[]) {
  const [inputs, columns] = shape;
  const order = inOrder(columns, gates);
  const rows = order.flatMap((column) =>
    Array.from({ length: inputs }, (_, input) => values[input * columns + column]),
  );
  return graph.floats(rows, [1, columns, inputs], part);
}

/** [gates · units] → [1, 2 · gates · units]: of the inputs, and 0 for the recurrent part. */
function biases(graph: OnnxGraph, { part, values }: GraphWeight, gates: readonly number[]): string {
  const own = inOrder(values.length, gates).map((i) => values[i]);
  return graph.floats([...own, ...own.map(() => 0)], [1, 2 * own.length], part);
}

/** Numbers of the columns, gate after gate in ONNX' order. */
function inOrder(columns: number, gates: readonly number[]): number[] {
  const units = columns / gates.length;
  return gates.flatMap((gate) => Array.from({ length: units }, (_, i) => gate * units + i));
}

/** `hardSigmoid` → `HardSigmoid` */
function onnxName(activation: string): string {
  return activation.charAt(0).toUpperCase() + activation.slice(1);
}

const simpleRnn = layerRule({
  schema: plain,
  keras,
  onnx: (settings, call, [x], graph) => {
    const activations = [settings.activation];
    return recur({ operator: 'RNN', gates: [0], activations }, settings, call, x, graph);
  },
});

const gru = layerRule({
  schema: gated.extend({ resetAfter: no('resetAfter') }),
  keras: (settings) => {
    const { config, holder } = keras(settings);
    return { config: { ...config, reset_after: false }, ...(holder && { holder }) };
  },
  onnx: (settings, call, [x], graph) => {
    const activations = [settings.recurrentActivation, settings.activation];
    return recur({ operator: 'GRU', gates: [0, 1, 2], activations }, settings, call, x, graph);
  },
});

const lstm = layerRule({
  schema: gated,
  keras,
  onnx: (settings, call, [x], graph) => {
    const activations = [settings.recurrentActivation, settings.activation, settings.activation];
    // Keras: input, forget, cell, output. ONNX: input, output, forget, cell.
    const gates = [0, 3, 1, 2];
    return recur({ operator: 'LSTM', gates, activations }, settings, call, x, graph);
  },
});

/** Recurrent layers. */
export const recurrentRules: Readonly<Record<string, LayerRule>> = {
  SimpleRNN: simpleRnn,
  GRU: gru,
  LSTM: lstm,
};
