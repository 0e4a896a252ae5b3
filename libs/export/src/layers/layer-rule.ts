import { z } from 'zod';
import { Inexpressible } from '../graph/inexpressible.js';
import type { GraphLayer, LayerCall } from '../graph/model-graph.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';

/** A layer in Keras 3, where it differs from the layer of tfjs. */
export interface KerasLayer {
  /** Arguments, in snake case. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The attribute of the layer that holds its weights, where it does not hold them itself. */
  readonly holder?: string;
}

/** How a kind of layer is written in each format. */
export interface LayerRule {
  /** @throws Inexpressible */
  keras(layer: GraphLayer): KerasLayer;
  /**
   * Adds the nodes of one call.
   *
   * @param inputs names of the values that the layer takes
   * @returns the name of its output
   * @throws Inexpressible
   */
  onnx(call: LayerCall, inputs: readonly string[], graph: OnnxGraph): string;
}

interface RuleParts<Schema extends z.ZodObject> {
  /** The settings that matter for predictions; a value that it refuses cannot be exported. */
  readonly schema: Schema;
  /** By default the settings in snake case. */
  keras?(settings: z.output<Schema>, layer: GraphLayer): KerasLayer;
  onnx(
    settings: z.output<Schema>,
    call: LayerCall,
    inputs: readonly string[],
    graph: OnnxGraph,
  ): string;
}

/** A rule whose functions receive the layer's settings, checked by a schema. */
export function layerRule<Schema extends z.ZodObject>(parts: RuleParts<Schema>): LayerRule {
  const settingsOf = ({ config }: GraphLayer): z.output<Schema> => {
    const found = parts.schema.safeParse(config);
    if (found.success) return found.data;
    throw new Inexpressible(
      found.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  };
  return {
    keras: (layer) => {
      const settings = settingsOf(layer);
      return parts.keras?.(settings, layer) ?? { config: snakeCased(settings) };
    },
    onnx: (call, inputs, graph) => parts.onnx(settingsOf(call.layer), call, inputs, graph),
  };
}

/** `useBias` → `use_bias`; enumerations too: `channelsLast` → `channels_last`. */
export function snakeCased(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const snake = (text: string): string => text.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      snake(key),
      typeof value === 'string' ? snake(value) : value,
    ]),
  );
}

/** The one layout that is exported. */
export const channelsLast = z.literal('channelsLast', 'only channelsLast is supported').optional();
