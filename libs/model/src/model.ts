import type { Initialisation } from '@lockstep/core';
import type { Layer, ModelParameter } from './layer.js';
import type { Operation, SampleShape } from './operation.js';

/** One line of a model's summary. */
export interface LayerSummary {
  readonly name: string;
  readonly kind: string;
  /** Of one sample. */
  readonly outputShape: SampleShape;
  readonly parameterCount: number;
}

/** An operation in the order of computation, with the indices of its parameters in the model. */
export interface ModelOperation {
  readonly operation: Operation;
  readonly parameters: readonly number[];
}

/** A network, checked and ready to compute. */
export interface Model {
  readonly name: string;
  /** SHA-256 (hex) of the user's model file; absent for a built-in. */
  readonly sourceSha256?: string;
  /** SHA-256 (hex) of the definition that the file exports; absent for a built-in. */
  readonly definitionSha256?: string;
  /** [height, width, channels] */
  readonly imageShape: readonly [number, number, number];
  readonly classCount: number;
  readonly initialisation: Initialisation;
  /** In layer order; the order of weights, gradients and hashes everywhere. */
  readonly parameters: readonly ModelParameter[];
  readonly summary: readonly LayerSummary[];
  readonly layers: readonly Layer[];
  readonly operations: readonly ModelOperation[];
}
