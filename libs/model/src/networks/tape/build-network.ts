import { LockstepError, type DataSpec } from '@lockstep/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { objectiveFields, type ObjectiveDefinition } from '../../objective/definition.js';
import type { TensorFunction } from './function-model.js';
import type { TensorFlowLayers } from './tensorflow-layers.js';

/** The data that a model is built for. */
export type ModelPlace = Pick<DataSpec, 'inputShape' | 'target'>;

/** What the function of a model file receives. */
export interface NetworkContext {
  /** The engine's own TensorFlow, with tfjs-layers. */
  readonly tf: TensorFlowLayers;
  /** Shape of one sample. */
  readonly inputShape: number[];
  /** Of the data; 0 for a regression. */
  readonly classes: number;
  /** Of each target of a regression; 0 for a classification. */
  readonly values: number;
}

/**
 * Any LayersModel, or a function of tensors; its output is one value per class, one in all for two classes, or the
 * values of a regression.
 */
export type BuiltNetwork = LayersModel | TensorFunction;

/** A function that builds a network. */
export type BuildNetwork = (context: NetworkContext) => BuiltNetwork | Promise<BuiltNetwork>;

/** A network by the function that builds it, with its loss and metrics. */
export interface BuildDefinition extends ObjectiveDefinition {
  readonly build: BuildNetwork;
}

const buildSchema = z.strictObject({
  build: z.custom<BuildNetwork>((value) => typeof value === 'function', 'must be a function'),
  ...objectiveFields,
});

/**
 * A definition that builds a network: a function, or an object with one.
 *
 * @returns undefined where the definition is another one
 * @throws LockstepError `model-invalid` where the loss or the metrics beside the function are not valid
 */
export function buildDefinition(definition: unknown, where: string): BuildDefinition | undefined {
  if (typeof definition === 'function') return { build: definition as BuildNetwork };
  if (typeof definition !== 'object' || definition === null || !('build' in definition)) {
    return undefined;
  }
  const checked = buildSchema.safeParse(definition);
  if (checked.success) return checked.data;
  const reason = z.prettifyError(checked.error).replaceAll('\n', ' ');
  throw new LockstepError('model-invalid', `${where}: ${reason}`, {
    remedy: 'give it { build: ({ tf, inputShape, classes }) => …, loss, metrics }',
  });
}

/** Where a model comes from, for its name and its hashes. */
export interface ModelSource {
  /** The file's name. */
  readonly where: string;
  /** SHA-256 of the file, hex. */
  readonly sourceSha256: string;
}
