import type { LayerDefinition } from './layers/registry.js';

/** A network as a person writes it down; shapes are inferred, see `buildModel`. */
export interface ModelDefinition {
  readonly name: string;
  /** From the image to one logit per class; softmax is part of the loss, not of the network. */
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
 */
export function defineModel(definition: ModelDefinition): ModelDefinition {
  return definition;
}
