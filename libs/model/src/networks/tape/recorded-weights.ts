import type * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import type { InitialiserConfig } from './initialisers.js';
import type { TapeLayer, TensorFlowLayers } from './tensorflow-layers.js';

/** How a weight was made. */
interface WeightOrigin {
  readonly initialiser: InitialiserConfig;
  /** The data of the weight when it was made: other data were set later. */
  readonly madeAs: object;
}

interface Initialiser {
  getClassName(): string;
  getConfig(): Record<string, unknown>;
}

type AddWeight = (
  this: TapeLayer,
  name: string,
  shape: number[],
  dtype: tf.DataType | undefined,
  initialiser: Initialiser,
  ...rest: unknown[]
) => LayerVariable;

/** Remembers how the weights of a model were made while the model is built. */
export class WeightOrigins {
  readonly #origins = new WeakMap<LayerVariable, WeightOrigin>();

  /**
   * Runs a function that builds layers. Instead of drawing their initial weights by tfjs' generator,
   * whose values depend on the machine, it makes them 0; `drawInitial` draws them when a run begins.
   */
  async record<Result>(tf: TensorFlowLayers, build: () => Promise<Result>): Promise<Result> {
    const prototype = layerPrototype(tf);
    const { addWeight } = prototype;
    const origins = this.#origins;
    prototype.addWeight = function (name, shape, dtype, initialiser, ...rest) {
      const zeros = tf.initializers.zeros() as unknown as Initialiser;
      const weight = addWeight.call(this, name, shape, dtype, zeros, ...rest);
      const { className, config } = describe(initialiser);
      origins.set(weight, { initialiser: { className, config }, madeAs: dataOf(weight) });
      return weight;
    };
    try {
      return await build();
    } finally {
      prototype.addWeight = addWeight;
    }
  }

  /** The initialiser of a weight; undefined where its values were set afterwards. */
  initialiserOf(weight: LayerVariable): InitialiserConfig | undefined {
    const origin = this.#origins.get(weight);
    return origin?.madeAs === dataOf(weight) ? origin.initialiser : undefined;
  }
}

function describe(initialiser: Initialiser): InitialiserConfig {
  return { className: initialiser.getClassName(), config: initialiser.getConfig() };
}

/** The variable's current tensor of a weight. */
export function valueOf(weight: LayerVariable): tf.Tensor {
  return (weight as unknown as { readonly val: tf.Tensor }).val;
}

const dataOf = (weight: LayerVariable): object => valueOf(weight).dataId;

/** The class that all layers extend, which tfjs-layers does not export. */
function layerPrototype(tf: TensorFlowLayers): { addWeight: AddWeight } {
  let prototype: object = Object.getPrototypeOf(tf.layers.flatten()) as object;
  while (!Object.hasOwn(prototype, 'addWeight')) {
    prototype = Object.getPrototypeOf(prototype) as object;
  }
  return prototype as { addWeight: AddWeight };
}
