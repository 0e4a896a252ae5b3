import { z } from 'zod';
import { LayerMisfit, type Layer, type LayerKind, type LayerPlace } from './layer.js';
import type { TensorFlow } from '../tensorflow.js';
import * as registered from './registered.js';

type Registered = (typeof registered)[keyof typeof registered];

/** A layer as it is written down: plain data, so that a model can be compared and stored. */
export type LayerDefinition = z.input<Registered['schema']>;
export type CheckedLayer = z.output<Registered['schema']>;

/** Every kind of layer. */
export const layerKinds: readonly LayerKind[] = Object.values(registered);

const [first, ...rest] = Object.values(registered).map(({ schema }) => schema);

/** Any layer, told apart by its `kind`. */
export const layerSchema = z.discriminatedUnion('kind', [first, ...rest]);

/** The name of the n-th layer of a kind, from 1: `conv1`, `fc2`. */
export function defaultLayerName(kind: string, n: number): string {
  return `${kindNamed(kind).prefix}${n}`;
}

/** @throws LayerMisfit when the layer does not fit its place */
export function buildLayer(tf: TensorFlow, layer: CheckedLayer, place: LayerPlace): Layer {
  return kindNamed(layer.kind).make(tf, layer, place);
}

function kindNamed(kind: string): LayerKind {
  const found = layerKinds.find(({ name }) => name === kind);
  if (found) return found;
  throw new LayerMisfit(`unknown kind of layer ${kind}`);
}
