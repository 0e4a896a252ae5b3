import { LockstepError } from '@lockstep/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import type { NetworkState } from '../network.js';
import { failureReason } from '../../failure-reason.js';
import { fastCall, type FastCall } from './fast-layers.js';
import type { GradientPass } from './gradient-pass.js';
import { drawInitial, type InitialiserConfig } from './initialisers.js';
import {
  followsTrained,
  LayerNames,
  leafLayers,
  WeightNames,
  type LeafLayer,
} from './layer-tree.js';
import { valueOf, type WeightOrigins } from './recorded-weights.js';
import type { TapeLayer, TensorFlowLayers } from './tensorflow-layers.js';
import { WeightBinding } from './weight-binding.js';

/** A weight of the model that a pass receives: a parameter or a buffer. */
export interface TapeWeight {
  readonly name: string;
  readonly layer: TapeLayer;
  readonly variable: LayerVariable;
  /** Number of the weight within the model, for drawing it. */
  readonly index: number;
  /** Absent where values were given: loaded or set. */
  readonly initialiser?: InitialiserConfig;
  /** The given values, or 0. */
  readonly given: Float32Array;
  /** Of a frozen layer, and not given by the model file: no step changes it. */
  readonly frozen?: true;
}

/** What receives the output of each layer. */
export type Observer = (layer: LeafLayer, output: tf.Tensor) => void;

/** A pass through the model. */
export interface TapePass {
  /** Present for a gradient, and where dropout is applied. */
  readonly gradient?: GradientPass;
  /** Present where layers compute as for a prediction although dropout is applied. */
  readonly inference?: true;
  readonly observer?: Observer;
}

/**
 * A LayersModel whose passes are functions of the weights they are given. It changes the layers of the
 * model: they read bound weights, and in a gradient pass are computed as `fastCall` says.
 */
export class TapeModel {
  readonly model: LayersModel;
  readonly names: LayerNames;
  readonly leaves: readonly LeafLayer[];
  readonly parameters: readonly TapeWeight[];
  readonly buffers: readonly TapeWeight[];
  /** Every weight in the model's order, for saving. */
  readonly weights: readonly TapeWeight[];
  /** Parameters whose gradient the layers give themselves; the tape computes the others'. */
  readonly direct: ReadonlySet<number>;
  readonly #binding: WeightBinding;
  #pass: TapePass | undefined;

  constructor(tf: TensorFlowLayers, model: LayersModel, origins: WeightOrigins) {
    this.model = model;
    this.leaves = leafLayers(model.layers);
    this.names = new LayerNames(this.leaves);
    const sorted = this.#sortWeights(origins);
    this.parameters = sorted.parameters;
    this.buffers = sorted.buffers;
    this.weights = sorted.all;
    for (const weight of sorted.constants) makeConstant(tf, weight);
    const bound = [...this.parameters, ...this.buffers].map(({ variable }) => variable);
    this.#binding = new WeightBinding(tf, bound);
    for (const variable of bound) valueOf(variable).dispose();
    this.direct = this.#replaceCalls(tf);
  }

  /** Runs a function within which the model computes with the weights and buffers of a state. */
  pass<Result>({ weights, buffers }: NetworkState, pass: TapePass, use: () => Result): Result {
    this.#pass = pass;
    try {
      return this.#binding.use([...weights, ...buffers], use);
    } finally {
      this.#pass = undefined;
    }
  }

  /** Within a pass. */
  apply(x: tf.Tensor): tf.Tensor {
    const training = this.#pass?.gradient !== undefined && !this.#pass.inference;
    return this.model.apply(x, { training }) as tf.Tensor;
  }

  /** Within a pass: the values now of the buffers that steps change. */
  currentBuffers(): tf.Tensor[] {
    return this.buffers
      .filter(({ frozen }) => !frozen)
      .map((_, i) => this.#binding.current(this.parameters.length + i));
  }

  /**
   * Parameters: what is trained. Buffers: batch norm's running statistics, then the weights of frozen layers,
   * which a run may begin with. The rest is constant: what the model file sets.
   */
  #sortWeights(origins: WeightOrigins) {
    const weightNames = new WeightNames();
    const parameters: TapeWeight[] = [];
    const statistics: TapeWeight[] = [];
    const frozen: TapeWeight[] = [];
    const constants: TapeWeight[] = [];
    const all: TapeWeight[] = [];
    for (const { layer, isTrainable } of this.leaves) {
      const trained = new Set(isTrainable ? layer.trainableWeights : []);
      for (const variable of layer.weights) {
        if (all.some((weight) => weight.variable === variable)) continue;
        const initialiser = origins.initialiserOf(variable);
        const weight: TapeWeight = {
          name: weightNames.next(this.names.of(layer), variable),
          ...{ layer, variable, index: all.length },
          ...(initialiser && { initialiser }),
          ...(initialiser && !isTrainable && { frozen: true }),
          given: Float32Array.from(valueOf(variable).dataSync()),
        };
        all.push(weight);
        const isStatistic = isTrainable && layer.getClassName() === 'BatchNormalization';
        const other = isStatistic ? statistics : weight.frozen ? frozen : constants;
        (trained.has(variable) ? parameters : other).push(weight);
      }
    }
    return { parameters, buffers: [...statistics, ...frozen], constants, all };
  }

  #replaceCalls(tf: TensorFlowLayers): ReadonlySet<number> {
    const direct = new Set<number>();
    let dropoutIndex = 0;
    for (const leaf of this.leaves) {
      const fast = this.#fastCallOf(tf, leaf, dropoutIndex, direct);
      if (leaf.layer.getClassName().includes('Dropout')) dropoutIndex++;
      this.#replaceCall(leaf, fast);
    }
    return direct;
  }

  #fastCallOf(
    tf: TensorFlowLayers,
    { layer, isShared, isNested }: LeafLayer,
    dropoutIndex: number,
    direct: Set<number>,
  ): FastCall | undefined {
    // A regulariser or a second use adds to the gradients: then the tape sums them.
    const isAlone = !isShared && layer.losses.length === 0;
    if (!isAlone && layer.weights.length > 0) return undefined;
    const wantInput = isNested || followsTrained(layer);
    const parameterOf = (weight: LayerVariable): number | undefined => {
      const index = this.parameters.findIndex(({ variable }) => variable === weight);
      return index < 0 ? undefined : index;
    };
    const inputRank = [layer.inboundNodes.at(-1)?.inputShapes[0] ?? []].flat().length;
    const fast = fastCall(tf, layer, { inputRank, wantInput, dropoutIndex, parameterOf });
    if (fast) for (const weight of layer.weights) direct.add(parameterOf(weight) ?? -1);
    return fast;
  }

  #replaceCall(leaf: LeafLayer, fast: FastCall | undefined): void {
    const { layer, isTrainable } = leaf;
    const call = layer.call.bind(layer);
    const isFrozen = !isTrainable && layer.weights.length > 0;
    layer.call = (inputs, kwargs) => {
      const [x, ...others] = [inputs].flat();
      const pass = this.#pass;
      try {
        const quick = pass?.gradient && others.length === 0 ? fast?.(x, pass.gradient) : undefined;
        // Frozen batch norm normalises by its running statistics.
        const output = quick ?? call(inputs, isFrozen ? { ...kwargs, training: false } : kwargs);
        if (pass?.observer && !Array.isArray(output)) pass.observer(leaf, output);
        return output;
      } catch (cause) {
        throw this.#failed(layer, cause);
      }
    };
  }

  #failed(layer: TapeLayer, cause: unknown): unknown {
    if (cause instanceof LockstepError) return cause;
    const reason = failureReason(cause);
    const what = `layer ${this.names.of(layer)} (${layer.getClassName()}) failed: ${reason}`;
    const remedy = 'Correct the layer, or use another kind that the backend can compute.';
    return new LockstepError('model-invalid', what, { remedy, cause });
  }
}

/** Its values are drawn with seed 0 unless they were given. No pass may change it. */
function makeConstant(tf: TensorFlowLayers, { name, variable, ...weight }: TapeWeight): void {
  const shape = variable.shape as number[];
  const drawn = weight.initialiser && drawInitial(weight.initialiser, shape, 0, weight.index);
  if (drawn) {
    const values = tf.tensor(drawn, shape, variable.dtype);
    variable.write(values);
    values.dispose();
  }
  variable.write = () => {
    throw new LockstepError('model-invalid', `weight ${name} is changed by its layer`, {
      remedy: 'Only batch normalisation may change weights itself; set them in the model file.',
    });
  };
}
