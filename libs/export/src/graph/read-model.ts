import { LockstepError } from '@lockstep/core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { GraphLayer, GraphTensor, GraphWeight, LayerCall, ModelGraph } from './model-graph.js';

type Layer = LayersModel['layers'][number];

/**
 * Reads the layers, weights and connections of a LayersModel with one input and one output. The layers of a
 * model within it take its place.
 */
export function readModel(model: LayersModel): ModelGraph {
  const [first] = model.inputs;
  const input: GraphTensor = { shape: first.shape };
  const reader = new ModelReader();
  const [output] = reader.read(model, [input]);
  if (output === undefined) throw new LockstepError('internal', 'the model has no output');
  return { name: model.name, input, calls: reader.calls, output };
}

class ModelReader {
  readonly calls: LayerCall[] = [];
  readonly #layers = new Map<Layer, GraphLayer>();
  readonly #names = new Set<string>();

  /** Adds the calls of a model for its inputs. @returns its outputs */
  read(model: LayersModel, inputs: readonly GraphTensor[]): GraphTensor[] {
    const known = new Map<number, GraphTensor>();
    model.inputs.forEach(({ id }, i) => known.set(id, inputs[i]));
    return model.outputs.map((tensor) => this.#tensor(tensor, known));
  }

  #tensor(symbol: SymbolicTensor, known: Map<number, GraphTensor>): GraphTensor {
    const found = known.get(symbol.id);
    if (found) return found;
    const layer = symbol.sourceLayer;
    const node = layer.inboundNodes[symbol.nodeIndex];
    const inputs = node.inputTensors.map((each) => this.#tensor(each, known));
    const outputs = isModel(layer)
      ? this.read(layer, inputs)
      : [this.#call(layer, inputs, symbol.shape)];
    node.outputTensors.forEach(({ id }, i) => known.set(id, outputs[i]));
    return this.#tensor(symbol, known);
  }

  #call(layer: Layer, inputs: GraphTensor[], shape: GraphTensor['shape']): GraphTensor {
    const output = { shape };
    this.calls.push({ layer: this.#layer(layer), inputs, output });
    return output;
  }

  #layer(layer: Layer): GraphLayer {
    const known = this.#layers.get(layer);
    if (known) return known;
    const read = {
      name: this.#uniqueName(layer.name.replaceAll('/', '.')),
      className: layer.getClassName(),
      trainable: layer.trainable,
      config: layer.getConfig(),
      weights: layer.weights.map(weightOf),
    };
    this.#layers.set(layer, read);
    return read;
  }

  /** Layers of different models within the model may have equal names. */
  #uniqueName(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#names.has(name); n++) name = `${wanted}_${n}`;
    this.#names.add(name);
    return name;
  }
}

function isModel(layer: Layer): layer is LayersModel {
  return 'layers' in layer && 'outputs' in layer;
}

function weightOf(weight: Layer['weights'][number]): GraphWeight {
  const value = weight.read();
  return {
    part: weight.originalName.split('/').at(-1) ?? weight.originalName,
    shape: value.shape,
    values: Float32Array.from(value.dataSync()),
  };
}
