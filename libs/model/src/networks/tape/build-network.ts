import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TensorFunction } from './function-model.js';
import type { TensorFlowLayers } from './tensorflow-layers.js';

/** What a model is built for. */
export interface ModelPlace {
  /** Shape of one sample. */
  readonly inputShape: readonly number[];
  readonly classes: number;
}

/** What the function of a model file receives. */
export interface NetworkContext extends ModelPlace {
  /** The engine's own TensorFlow, with tfjs-layers. */
  readonly tf: TensorFlowLayers;
  readonly inputShape: number[];
}

/** Any LayersModel, or a function of tensors; its output is one value per class. */
export type BuiltNetwork = LayersModel | TensorFunction;

/** A function that builds a network. */
export type BuildNetwork = (context: NetworkContext) => BuiltNetwork | Promise<BuiltNetwork>;

/** Where a model comes from, for its name and its hashes. */
export interface ModelSource {
  /** The file's name. */
  readonly where: string;
  /** SHA-256 of the file, hex. */
  readonly sourceSha256: string;
}
