import type { LayersModel } from '@tensorflow/tfjs-layers';
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

/** A function that builds any LayersModel; its last layer gives one value per class. */
export type BuildNetwork = (context: NetworkContext) => LayersModel | Promise<LayersModel>;

/** Where a model comes from, for its name and its hashes. */
export interface ModelSource {
  /** The file's name. */
  readonly where: string;
  /** SHA-256 of the file, hex. */
  readonly sourceSha256: string;
}
