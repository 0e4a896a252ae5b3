import type { KerasLayer } from '../layers/layer.js';
import type { Model } from './model.js';
import { finalActivation } from './network-output.js';

/** A layer of the topology and the names of the layers whose outputs it takes. */
interface PlacedLayer extends KerasLayer {
  readonly name: string;
  readonly inputs: readonly string[];
}

/** No layer of a model can have a name with a dot. */
const INPUT = 'input.image';
const OUTPUT = 'output.';

/**
 * A model as Keras serialises it: a Sequential one, or a functional one where layers take the outputs of earlier
 * ones. A softmax or, for one output, a sigmoid follows the logits of a classification.
 */
export function kerasModel(model: Model): object {
  const layers = placeLayers(model);
  const isSequence = model.layers.every(({ operations }) =>
    operations.every(({ sources = [] }) => sources.length === 0),
  );
  return isSequence ? sequential(model, layers) : functional(model, layers);
}

function placeLayers({ layers, target }: Model): PlacedLayer[] {
  const activation = finalActivation(layers.at(-1)?.outputShape[0] ?? 0, target);
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
  if (activation === undefined) return placed;
  const name = `${OUTPUT}${activation}`;
  return [...placed, { name, className: 'Activation', config: { activation }, inputs: [last] }];
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
      output_layers: [[layers.at(-1)?.name, 0, 0]],
    },
  };
}

function configOf({ name, config }: PlacedLayer, first: object = {}): object {
  return { name, trainable: true, dtype: 'float32', ...first, ...config };
}
