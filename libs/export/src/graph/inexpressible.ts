import { LockstepError } from '@lockstep/core';
import type { ExportFormat } from '../formats.js';
import type { GraphLayer } from './model-graph.js';

/** Why a format cannot express a layer; `forLayer` adds which layer it is. */
export class Inexpressible extends Error {}

/**
 * Converts one layer.
 *
 * @throws LockstepError `export-refused`, naming the layer, for an `Inexpressible`
 */
export function forLayer<Result>(
  { name, className }: GraphLayer,
  format: ExportFormat,
  convert: () => Result,
): Result {
  try {
    return convert();
  } catch (cause) {
    if (!(cause instanceof Inexpressible)) throw cause;
    const what = `layer ${name} (${className}) cannot be exported to ${format}: ${cause.message}`;
    throw new LockstepError('export-refused', what, {
      remedy: 'export to another format; --format tfjs saves every network',
      cause,
    });
  }
}
