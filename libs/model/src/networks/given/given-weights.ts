import { basename } from 'node:path';
import { readFile } from 'node:fs/promises';
import { LockstepError, messageOf, sizeOf } from '@lockstep/core';
import { readSavedModel } from '../tape/saved-model.js';

/** A named tensor that a run may begin with. */
export interface GivenWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * The weights of a saved tfjs LayersModel, in the order of its file.
 *
 * @param file absolute path of a `model.json`
 * @throws LockstepError `weights-unusable` or `model-invalid`
 */
export async function readGivenWeights(file: string): Promise<GivenWeight[]> {
  const json = await readFile(file).catch((cause: unknown) => {
    const reason = messageOf(cause);
    throw unusable(`${file} cannot be read: ${reason}`, cause);
  });
  const { weightSpecs, parts } = await readSavedModel(file, json);
  const bytes = Uint8Array.from(Buffer.concat(parts));
  let offset = 0;
  const weights = weightSpecs.map(({ name, shape, dtype, quantization }): GivenWeight => {
    if (dtype !== 'float32' || quantization !== undefined) {
      throw unusable(`weight ${name} of ${basename(file)} is not stored as plain float32`);
    }
    const byteLength = sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT;
    const own = bytes.slice(offset, (offset += byteLength));
    if (own.byteLength !== byteLength) throw unusable(`the weight files of ${file} are too short`);
    return { name, shape, values: new Float32Array(own.buffer) };
  });
  return withoutNumbers(weights);
}

function unusable(what: string, cause?: unknown): LockstepError {
  return new LockstepError('weights-unusable', what, {
    remedy: 'give --init-from a run, or the model.json of a saved tfjs LayersModel',
    cause,
  });
}

/** tfjs numbers the layers of a process, `dense_Dense7`; here each model begins at 1: `dense_1`. */
function withoutNumbers(weights: readonly GivenWeight[]): GivenWeight[] {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  return weights.map(({ name, ...weight }) => {
    const [, layer = '', part] = /^(.*)\/([^/]+)$/.exec(name) ?? [];
    const [, prefix = '', className = ''] = /^(.+)_([A-Z][A-Za-z0-9]*?)\d+$/.exec(layer) ?? [];
    const isNumbered = prefix !== '' && prefix.replaceAll('_', '') === className.toLowerCase();
    if (!isNumbered) return { name, ...weight };
    const number = (counts.get(prefix) ?? 0) + (names.has(layer) ? 0 : 1);
    counts.set(prefix, number);
    const own = names.get(layer) ?? `${prefix}_${number}`;
    names.set(layer, own);
    return { name: `${own}/${part}`, ...weight };
  });
}
