import type { Initialisation, ParameterSpec, RunSpec, Target } from '@lockstep/core';
import type { ObjectiveDefinition } from '../objective/definition.js';
import type { Layer, ModelBuffer, ModelParameter } from '../layers/layer.js';
import type { LayerDefinition } from '../layers/registry.js';
import type { SampleShape } from '../layers/operation.js';
import type { Operation } from '../layers/operation.js';
import type { LayerSummary, NetworkParameter } from './network-summary.js';
import type { BuildDefinition, BuildNetwork } from './tape/build-network.js';

/** An operation in the order of computation, with the indices of its tensors in the model. */
export interface ModelOperation {
  readonly operation: Operation;
  readonly parameters: readonly number[];
  /** Counted on from the last parameter. Absent where it uses none. */
  readonly buffers?: readonly number[];
  /** Names of the earlier layers whose outputs it uses too. */
  readonly sources?: readonly string[];
  /** Name of the layer whose output it computes, where later operations use that output as a source. */
  readonly keptAs?: string;
}

/** A network, checked and ready to compute. */
export interface Model {
  readonly name: string;
  /** SHA-256 (hex) of the user's model file; absent for a built-in. */
  readonly sourceSha256?: string;
  /** SHA-256 (hex) of the definition that the file exports; absent for a built-in. */
  readonly definitionSha256?: string;
  /** Of one sample: [height, width, channels] of a picture. */
  readonly inputShape: SampleShape;
  readonly target: Target;
  readonly initialisation: Initialisation;
  readonly objective: ObjectiveDefinition;
  /** In layer order; the order of weights, gradients and hashes everywhere. */
  readonly parameters: readonly ModelParameter[];
  /** In layer order. */
  readonly buffers: readonly ModelBuffer[];
  readonly summary: readonly LayerSummary[];
  readonly layers: readonly Layer[];
  readonly operations: readonly ModelOperation[];
}

/** A network as the user defines it; shapes are inferred, see `buildModel`. */
export interface ModelDefinition extends ObjectiveDefinition {
  readonly name: string;
  /**
   * From a sample to one logit per class, or one in all for two classes, or to the values of a regression.
   * Softmax and sigmoid are part of the loss, not of the network.
   */
  readonly layers: readonly LayerDefinition[];
}

/**
 * Declares a model; the default export of a model file.
 *
 * @example
 * export default defineModel({
 *   name: 'one-layer',
 *   layers: [flatten(), dense({ units: 'classes' })],
 * });
 * @example
 * export default defineModel(({ tf, inputShape, classes }) =>
 *   tf.sequential({
 *     layers: [tf.layers.flatten({ inputShape }), tf.layers.dense({ units: classes })],
 *   }),
 * );
 */
export function defineModel<Definition extends ModelDefinition | BuildDefinition | BuildNetwork>(
  definition: Definition,
): Definition {
  return definition;
}

/**
 * The model's parameters with the form in which their gradients are sent: a dense layer's weights
 * [in, out] as two factors where these have fewer values, counting the upload of a shard and the
 * download of the whole batch:
 * (shardSize + batch) · (in + out) < 2 · in · out.
 */
export function parametersFor(
  { parameters }: { readonly parameters: readonly NetworkParameter[] },
  { batch, shardSize }: Pick<RunSpec, 'batch' | 'shardSize'>,
): ParameterSpec[] {
  return parameters.map(({ name, shape, factorable }) => {
    const [inputs = 0, outputs = 0] = shape;
    const rows = Math.min(shardSize, batch) + batch;
    const factored = factorable && rows * (inputs + outputs) < 2 * inputs * outputs;
    return { name, shape, gradient: factored ? 'factored' : 'dense' };
  });
}
