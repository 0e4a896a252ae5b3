import type { LayerVariable } from '@tensorflow/tfjs-layers';
import type { TapeLayer } from './tensorflow-layers.js';

/** A layer that is no model of its own. */
export interface LeafLayer {
  readonly layer: TapeLayer;
  /** False where it, or a model that it is in, is frozen. */
  readonly isTrainable: boolean;
  /** Whether it, or a model that it is in, is used more than once. */
  readonly isShared: boolean;
  /** Whether it is in a model within the model. */
  readonly isNested: boolean;
}

/** All layers of a model in order; those of a model within it in its place. */
export function leafLayers(
  layers: readonly TapeLayer[],
  outer: Omit<LeafLayer, 'layer'> = { isTrainable: true, isShared: false, isNested: false },
): LeafLayer[] {
  return layers.flatMap((layer) => {
    const isTrainable = outer.isTrainable && layer.trainable;
    const isShared = outer.isShared || usesOf(layer) > 1;
    const inner = innerLayers(layer);
    return inner
      ? leafLayers(inner, { isTrainable, isShared, isNested: true })
      : [{ layer, isTrainable, isShared, isNested: outer.isNested }];
  });
}

/** The layers of a layer that is itself a model. */
export function innerLayers(layer: TapeLayer): readonly TapeLayer[] | undefined {
  return (layer as { readonly layers?: readonly TapeLayer[] }).layers;
}

function usesOf({ inboundNodes }: TapeLayer): number {
  return inboundNodes.filter(({ inboundLayers }) => inboundLayers.length > 0).length;
}

/** Whether any layer that a layer's input depends on has weights that are trained. */
export function followsTrained(layer: TapeLayer): boolean {
  const before = layer.inboundNodes.flatMap(({ inboundLayers }) => inboundLayers);
  return before.some((each) => each.trainableWeights.length > 0 || followsTrained(each));
}

/** tfjs numbers the layers of a process, `dense_Dense7`; here each model begins at 1: `dense_1`. */
export class LayerNames {
  readonly #names = new Map<TapeLayer, string>();

  constructor(leaves: readonly LeafLayer[]) {
    const seen = new Map<string, number>();
    for (const { layer } of leaves) {
      const prefix = new RegExp(`^(.+)_${layer.getClassName()}\\d+$`).exec(layer.name)?.[1];
      if (prefix === undefined || this.#names.has(layer)) continue;
      const number = (seen.get(prefix) ?? 0) + 1;
      seen.set(prefix, number);
      this.#names.set(layer, `${prefix}_${number}`);
    }
  }

  of(layer: TapeLayer): string {
    return this.#names.get(layer) ?? layer.name;
  }
}

/** A serialised model with each name replaced by its number, for comparing models. */
export function withoutNames(topology: unknown): unknown {
  const numbers = new Map<string, string>();
  const collect = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    const { name } = value as { readonly name?: unknown };
    if (typeof name === 'string' && !numbers.has(name)) numbers.set(name, `#${numbers.size}`);
    Object.values(value).forEach(collect);
  };
  const replace = (value: unknown): unknown => {
    if (typeof value === 'string') return numbers.get(value) ?? value;
    if (Array.isArray(value)) return value.map(replace);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replace(each)]));
  };
  collect(topology);
  return replace(topology);
}

/** Names of weights, unique within the model: `dense_1/kernel`. */
export class WeightNames {
  readonly #taken = new Set<string>();

  next(layer: string, weight: LayerVariable): string {
    const part = weight.originalName.split('/').at(-1) ?? weight.originalName;
    let name = `${layer}/${part}`;
    for (let n = 2; this.#taken.has(name); n++) name = `${layer}/${part}_${n}`;
    this.#taken.add(name);
    return name;
  }
}
