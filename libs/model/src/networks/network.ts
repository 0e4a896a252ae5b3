import type { BufferSpec, Initialisation, ParameterSpec } from '@lockstep/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Filters } from '../inspection/first-filters.js';
import type { ImageObservation } from '../inspection/observe-image.js';
import type { ReceptiveField } from '../inspection/receptive-field.js';
import type { DropoutKey } from '../layers/dropout-mask.js';
import type { ObjectiveDefinition } from '../objective/definition.js';
import type { Objective } from '../objective/objective.js';
import type { ComputedGradient, GradientRequest } from './compute-gradient.js';
import type { BatchEvaluation } from './evaluate-batch.js';
import type { LayerSummary, NetworkParameter } from './network-summary.js';
import type { Batch } from './run-network.js';

/** A layer for display. */
export interface LayerDescription extends LayerSummary {
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Absent where units have no place in the image any more. */
  readonly receptiveField?: ReceptiveField;
}

/** The tensors of a network at one version. */
export interface NetworkState {
  /** One per parameter. */
  readonly weights: readonly tf.Tensor[];
  /** One per buffer. */
  readonly buffers: readonly tf.Tensor[];
}

/** What a shard's gradient is computed from. */
export interface ShardRequest extends GradientRequest {
  /** As in the RunSpec, see `parametersFor`. */
  readonly parameters: readonly ParameterSpec[];
  /** Of the version before the step; not disposed. */
  readonly state: NetworkState;
  readonly batch: Batch;
  /**
   * Called once, as soon as the whole factored section is computed: for a network of convolutions
   * followed by dense layers long before the rest.
   */
  readonly factorsKnown?: (factored: Float32Array) => void;
}

/** What is trained. Whatever it is made of, the engine uses it through this interface only. */
export interface Network {
  readonly name: string;
  /** SHA-256 (hex) of the user's model file; absent for a built-in. */
  readonly sourceSha256?: string;
  /** SHA-256 (hex) of the definition that the file exports; absent for a built-in. */
  readonly definitionSha256?: string;
  readonly initialisation: Initialisation;
  /** Outputs per sample. */
  readonly outputs: number;
  /** The loss and the metrics that the model file declares. */
  readonly objective: ObjectiveDefinition;
  /** In the order of weights, gradients and hashes everywhere. */
  readonly parameters: readonly NetworkParameter[];
  /** State that is not trained, such as batch norm's running statistics. */
  readonly buffers: readonly BufferSpec[];
  /** In the order of computation. */
  readonly layers: readonly LayerDescription[];
  /** One array per parameter: a pure function of the seed, with the same bits on every machine. */
  initialWeights(seed: number): Float32Array[];
  /** One array per buffer. */
  initialBuffers(): Float32Array[];
  /**
   * The gradient of a shard: of the loss summed over its samples. With the same backend and thread
   * count a pure function of its arguments, to the bit.
   */
  gradient(request: ShardRequest): Promise<ComputedGradient>;
  /** Compares the outputs for samples with their targets, without dropout. */
  evaluate(state: NetworkState, batch: Batch, objective: Objective): BatchEvaluation;
  /**
   * The probability of each class, or the values of a regression.
   *
   * @param images [count, …input shape]
   * @returns [count, classes], each row summing to 1; or [count, values]
   */
  predict(state: NetworkState, images: Float32Array): Float32Array;
  /**
   * Predicts one image, with the output of each layer.
   *
   * @param dropout key of the dropout masks; without it nothing is dropped
   */
  observe(state: NetworkState, image: Float32Array, dropout?: DropoutKey): ImageObservation;
  /**
   * The first layer's weights as pictures, where it is given the image.
   *
   * @param most no more pictures than this
   */
  firstFilters(state: NetworkState, most: number): Filters | undefined;
  /**
   * Saves the network as a tfjs LayersModel, `model.json` and `weights.bin`.
   *
   * @throws LockstepError `disk-full`, or `disk-failed` when the files cannot be written
   */
  save(state: NetworkState, folder: string): Promise<void>;
}
