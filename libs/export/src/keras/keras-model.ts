import { forLayer } from '../graph/inexpressible.js';
import type { GraphLayer, GraphTensor, GraphWeight, ModelGraph } from '../graph/model-graph.js';
import { ruleFor } from '../layers/registry.js';
import { savingOrder } from './saving-order.js';

/** The weights of one layer and the group of the HDF5 file that holds them. */
export interface WeightGroup {
  readonly path: string;
  readonly weights: readonly GraphWeight[];
}

/** A model as Keras 3 saves it. */
export interface KerasModel {
  /** `config.json` */
  readonly config: object;
  readonly weights: readonly WeightGroup[];
}

/** Which use of which layer a tensor comes from. */
interface History {
  readonly layer: string;
  readonly call: number;
}

/**
 * A model in the words of Keras 3, as a functional model.
 *
 * @throws LockstepError `export-refused` for a layer that has no rule
 */
export function kerasModel(graph: ModelGraph): KerasModel {
  const { name, input, calls, output } = graph;
  const layers = new Map(calls.map(({ layer }) => [layer, new SavedLayer(layer)]));
  const inputName = freeName('input', [...layers.keys()]);
  const histories = new Map<GraphTensor, History>([[input, { layer: inputName, call: 0 }]]);
  const tensorOf = (tensor: GraphTensor): object => ({
    class_name: '__keras_tensor__',
    config: { shape: tensor.shape, dtype: 'float32', keras_history: keysOf(histories.get(tensor)) },
  });
  for (const { layer, inputs, output } of calls) {
    const history = layers.get(layer)?.call(inputs.map(tensorOf));
    if (history) histories.set(output, history);
  }
  const saved = [...layers.values()];
  const config = {
    ...{ name, trainable: true, layers: [inputLayer(inputName, input), ...saved.map(serialised)] },
    input_layers: [inputName, 0, 0],
    output_layers: keysOf(histories.get(output)),
  };
  return {
    config: {
      ...{ module: 'keras.src.models.functional', class_name: 'Functional', config },
      registered_name: 'Functional',
      build_config: { input_shape: null },
      compile_config: null,
    },
    weights: weightGroups(savingOrder(graph)),
  };
}

/** A layer and its uses so far. */
class SavedLayer {
  readonly layer: GraphLayer;
  readonly inboundNodes: object[] = [];

  constructor(layer: GraphLayer) {
    this.layer = layer;
  }

  call(tensors: readonly object[]): History {
    const args = tensors.length === 1 ? tensors : [tensors];
    this.inboundNodes.push({ args, kwargs: {} });
    return { layer: this.layer.name, call: this.inboundNodes.length - 1 };
  }
}

function serialised({ layer, inboundNodes }: SavedLayer): object {
  const { name, trainable } = layer;
  const { config } = forLayer(layer, 'keras', () => ruleFor(layer).keras(layer));
  return {
    ...{ module: 'keras.layers', class_name: layer.className, registered_name: null, name },
    config: { name, trainable, dtype: 'float32', ...config },
    inbound_nodes: inboundNodes,
  };
}

function inputLayer(name: string, { shape }: GraphTensor): object {
  return {
    ...{ module: 'keras.layers', class_name: 'InputLayer', registered_name: null, name },
    config: { batch_shape: shape, dtype: 'float32', sparse: false, name },
    inbound_nodes: [],
  };
}

/** Keras calls a group after the layer's class and, where there are several, its number among them. */
function weightGroups(layers: readonly GraphLayer[]): WeightGroup[] {
  const counts = new Map<string, number>();
  return layers.map((layer) => {
    const kind = groupName(layer.className);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const { holder } = ruleFor(layer).keras(layer);
    const path = `layers/${kind}${count === 0 ? '' : `_${count}`}`;
    return { path: holder === undefined ? path : `${path}/${holder}`, weights: layer.weights };
  });
}

/** As `keras.utils.naming.to_snake_case`: `MaxPooling2D` → `max_pooling2d`. */
function groupName(className: string): string {
  return className
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

function keysOf(history: History | undefined): readonly unknown[] {
  return history ? [history.layer, history.call, 0] : [];
}

function freeName(wanted: string, layers: readonly GraphLayer[]): string {
  const taken = new Set(layers.map(({ name }) => name));
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
  return name;
}
