import type { KerasLayer, Layer } from '../layers/layer.js';
import type { Model } from './model.js';

/** A layer of the topology and the names of the layers whose outputs it takes. */
interface PlacedLayer extends KerasLayer {
  readonly name: string;
  readonly inputs: readonly string[];
}

/** No layer of a model can have a name with a dot. */
const INPUT = 'input.image';
const SOFTMAX = 'output.softmax';

/**
 * A model as Keras serialises it: a Sequential one, or a functional one where layers take the outputs of earlier
 * ones. A softmax follows the logits.
 */
export function kerasModel(model: Model): object {
  const layers = placeLayers(model.layers);
  const isSequence = model.layers.every(({ operations }) =>
    operations.every(({ sources = [] }) => sources.length === 0),
  );
  return isSequence ? sequential(model, layers) : functional(model, layers);
}

function placeLayers(layers: readonly Layer[]): PlacedLayer[] {
  const placed: PlacedLayer[] = [];
  /** The Keras layer that has the output of each layer. */
  const outputs = new Map<string, string>();
  let last = INPUT;
  for (const { name, keras, operations, followsPrevious } of layers) {
    const sources = operations
      .flatMap(({ sources = [] }) => sources)
      .map((source) => outputs.get(source) ?? source);
    if (followsPrevious === false) [last = INPUT] = sources;
    const parts = 'className' in keras ? [keras] : keras;
    parts.forEach((part, index) => {
      const own = part.part === undefined ? name : `${name}.${part.part}`;
      placed.push({ ...part, name: own, inputs: [last, ...(index === 0 ? sources : [])] });
      last = own;
    });
    outputs.set(name, last);
  }
  const config = { activation: 'softmax' };
  return [...placed, { name: SOFTMAX, className: 'Activation', config, inputs: [last] }];
}

function sequential({ name, inputShape }: Model, layers: readonly PlacedLayer[]): object {
  return {
    class_name: 'Sequential',
    config: {
      name,
      layers: layers.map((layer, index) => ({
        class_name: layer.className,
        config: configOf(layer, index === 0 ? { batch_input_shape: [null, ...inputShape] } : {}),
      })),
    },
  };
}

function functional({ name, inputShape }: Model, layers: readonly PlacedLayer[]): object {
  const input = {
    class_name: 'InputLayer',
    name: INPUT,
    config: {
      name: INPUT,
      batch_input_shape: [null, ...inputShape],
      dtype: 'float32',
      sparse: false,
    },
    inbound_nodes: [],
  };
  const others = layers.map((layer) => ({
    class_name: layer.className,
    name: layer.name,
    config: configOf(layer),
    inbound_nodes: [layer.inputs.map((from) => [from, 0, 0, {}])],
  }));
  return {
    class_name: 'Functional',
    config: {
      name,
      layers: [input, ...others],
      input_layers: [[INPUT, 0, 0]],
      output_layers: [[SOFTMAX, 0, 0]],
    },
  };
}

function configOf({ name, config }: PlacedLayer, first: object = {}): object {
  return { name, trainable: true, dtype: 'float32', ...first, ...config };
}
