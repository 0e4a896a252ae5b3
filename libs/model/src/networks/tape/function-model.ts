import { LockstepError } from '@lockstep/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import type { TensorFlowLayers } from './tensorflow-layers.js';

type Initializer = ReturnType<TensorFlowLayers['initializers']['zeros']>;

/** A parameter of a function of tensors. */
export interface TensorParameter {
  readonly shape: readonly number[];
  /** One of `tf.initializers`, by name or with settings; default `glorotUniform`. */
  readonly initializer?: keyof TensorFlowLayers['initializers'] | Initializer;
  /** False for one that keeps its initial values and is not sent; default true. */
  readonly trainable?: boolean;
}

/** A network as a function of tensors. */
export interface TensorFunction {
  /** By name, in the order of weights, gradients and hashes. */
  readonly parameters: Readonly<Record<string, TensorParameter>>;
  /**
   * Operations that tfjs can differentiate; no random numbers of its own.
   *
   * @param weights by the names of the parameters
   * @param inputs [samples, …inputShape]
   * @returns [samples, classes] or, for two classes, [samples, 1]: logits; the values of a regression
   */
  forward(weights: Readonly<Record<string, tf.Tensor>>, inputs: tf.Tensor): tf.Tensor;
}

const schemaOf = ({ initializers }: TensorFlowLayers) =>
  z.looseObject({
    parameters: z.record(
      z.string().regex(/^[\w.-]+$/, 'a name of letters, digits, ".", "_" and "-"'),
      z.strictObject({
        shape: z.array(z.int().positive()),
        initializer: z.union([z.literal(Object.keys(initializers)), z.looseObject({})]).optional(),
        trainable: z.boolean().optional(),
      }),
    ),
    forward: z.function(),
  });

/** Whether what a model file returned is meant as a function of tensors. */
export function isTensorFunction(returned: unknown): returned is TensorFunction {
  return typeof returned === 'object' && returned !== null && 'forward' in returned;
}

/**
 * A model of one layer, whose weights are the function's parameters: so it is trained, checked and
 * observed like any other LayersModel.
 *
 * @param inputShape of one sample
 * @throws LockstepError `model-invalid`
 */
export function functionModel(
  tensorFlow: TensorFlowLayers,
  definition: TensorFunction,
  inputShape: readonly number[],
  where: string,
): LayersModel {
  const parsed = schemaOf(tensorFlow).safeParse(definition);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new LockstepError('model-invalid', `${where}: ${path.join('.')}: ${message}`, {
      remedy: 'Return { parameters: { name: { shape } }, forward(weights, inputs) }.',
    });
  }
  const layer = layerOf(tensorFlow, definition);
  return tensorFlow.sequential({
    layers: [tensorFlow.layers.inputLayer({ inputShape: [...inputShape] }), layer],
  });
}

function layerOf(tensorFlow: TensorFlowLayers, definition: TensorFunction) {
  const weights = Object.entries(definition.parameters).map(
    ([name, { shape, initializer, trainable }]) => ({
      ...{ name, shape: [...shape], trainable: trainable ?? true },
      initializer: initializerOf(tensorFlow, initializer ?? 'glorotUniform'),
    }),
  );
  const byName = (tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> =>
    Object.fromEntries(weights.map(({ name }, i) => [name, tensors[i]]));

  class FunctionOfTensors extends tensorFlow.layers.Layer {
    static readonly className = 'FunctionOfTensors';

    #variables: LayerVariable[] = [];

    override build(inputShape: number[]): void {
      this.#variables = weights.map(({ name, shape, initializer, trainable }) =>
        this.addWeight(name, shape, 'float32', initializer, undefined, trainable),
      );
      super.build(inputShape);
    }

    /** That of a trial with one sample. */
    override computeOutputShape([, ...shape]: number[]): (number | null)[] {
      const output = tensorFlow.tidy(() => {
        const zeros = weights.map((weight) => tensorFlow.zeros(weight.shape));
        return definition.forward(byName(zeros), tensorFlow.zeros([1, ...shape])).shape;
      });
      return [null, ...output.slice(1)];
    }

    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      const values = this.#variables.map((weight) => weight.read());
      return definition.forward(byName(values), [inputs].flat()[0]);
    }

    /** Shapes, initial values and text of the function are part of the definition's hash. */
    override getConfig() {
      const described = weights.map(({ initializer, ...weight }) => ({
        ...weight,
        initializer: { kind: initializer.getClassName(), settings: initializer.getConfig() },
      }));
      // eslint-disable-next-line @typescript-eslint/unbound-method -- its text
      const forward = String(definition.forward);
      return { ...super.getConfig(), parameters: described, forward };
    }
  }
  return new FunctionOfTensors({ name: 'function' });
}

function initializerOf(
  { initializers }: TensorFlowLayers,
  initializer: NonNullable<TensorParameter['initializer']>,
): Initializer {
  if (typeof initializer !== 'string') return initializer;
  const make: (settings: never) => Initializer = initializers[initializer];
  return make({} as never);
}
