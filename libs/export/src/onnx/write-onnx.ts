import { writeFile } from 'node:fs/promises';
import {
  ModelProto,
  TensorProto_DataType as DataType,
  type ValueInfoProto,
} from '../generated/onnx/onnx.js';
import { forLayer } from '../graph/inexpressible.js';
import type { GraphTensor, ModelGraph, TensorShape } from '../graph/model-graph.js';
import { ruleFor } from '../layers/registry.js';
import { OnnxGraph } from './onnx-graph.js';

const OPERATORS_VERSION = 17;
/** The version of the format that came with these operators. */
const FORMAT_VERSION = 8;

const INPUT = 'input';
const OUTPUT = 'output';

/**
 * Writes a model as ONNX. Its input has the layout of the data, channels last: [batch, height, width, channels].
 *
 * @throws LockstepError `export-refused` for a layer that has no rule
 */
export async function writeOnnx(model: ModelGraph, path: string): Promise<void> {
  const graph = new OnnxGraph();
  const names = new Map<GraphTensor, string>([[model.input, INPUT]]);
  for (const call of model.calls) {
    const { layer } = call;
    const inputs = call.inputs.map((tensor) => names.get(tensor) ?? INPUT);
    graph.enter(layer.name);
    const output = forLayer(layer, 'onnx', () => ruleFor(layer).onnx(call, inputs, graph));
    names.set(call.output, output);
  }
  const last = names.get(model.output) ?? INPUT;
  graph.nodes.push({
    ...{ name: OUTPUT, opType: 'Identity', input: [last], output: [OUTPUT], attribute: [] },
  });
  const bytes = ModelProto.encode({
    ...{ irVersion: FORMAT_VERSION, producerName: 'Lockstep' },
    opsetImport: [{ domain: '', version: OPERATORS_VERSION }],
    graph: {
      ...{ name: model.name, node: graph.nodes, initializer: graph.constants },
      input: [valueInfo(INPUT, model.input.shape)],
      output: [valueInfo(OUTPUT, model.output.shape)],
    },
  }).finish();
  await writeFile(path, bytes);
}

function valueInfo(name: string, shape: TensorShape): ValueInfoProto {
  const dim = shape.map((size, axis) => ({
    value:
      size === null
        ? ({ $case: 'dimParam', value: axis === 0 ? 'batch' : `size${axis}` } as const)
        : ({ $case: 'dimValue', value: size } as const),
  }));
  return { name, type: { tensorType: { elemType: DataType.FLOAT, shape: { dim } } } };
}
