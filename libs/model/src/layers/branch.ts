import { z } from 'zod';
import {
  earlierLayer,
  earlierShape,
  layerName,
  type Layer,
  type LayerKind,
  type LayerPlace,
} from './layer.js';
import type { Operation } from './operation.js';

const schema = z.strictObject({ kind: z.literal('branch'), name: layerName, from: earlierLayer });

type Options = z.input<typeof schema>;

/**
 * Continues from the output of an earlier layer instead of the previous one, whose output a later `add` or
 * `concatenate` takes: so a residual connection can have layers of its own.
 */
export function branch(options: Omit<Options, 'kind'>): Options {
  return { kind: 'branch', ...options };
}

/** The kind `branch` in the registry. */
export const branchLayer: LayerKind<typeof schema> = {
  name: 'branch',
  prefix: 'branch',
  schema,
  make,
};

function make(_tf: unknown, { from }: z.output<typeof schema>, place: LayerPlace): Layer {
  return {
    name: place.name,
    kind: 'branch',
    outputShape: earlierShape(place, from),
    parameters: [],
    operations: [{ operation: branchOperation, parameters: [], sources: [from] }],
    followsPrevious: false,
    keras: [],
  };
}

const branchOperation: Operation = {
  monotone: false,
  forward: (_x, _weights, _pass, [source]) => ({
    output: source,
    backward: (dy) => ({ parameters: [], sources: [dy] }),
  }),
};
