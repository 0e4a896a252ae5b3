import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { firstBytes } from '../readers/first-bytes.js';
import { gatherBatch } from '../gather-batch.js';
import { arrayInvalid } from './array-errors.js';
import { inputsOf } from './array-inputs.js';
import type { ArraySettings } from './array-settings.js';
import { isNpy } from './npy-header.js';
import { readNpy } from './read-npy.js';

/** Whether a file is a .npy array, by its content. Never throws. */
export async function isArrayFile(path: string): Promise<boolean> {
  return isNpy(await firstBytes(path).catch(() => new Uint8Array()));
}

/**
 * Reads samples without targets from a .npy file, for a network of this input shape.
 *
 * @param inputShape of one sample; dimensions of 1 at its end may be absent from the array
 * @returns each sample as the network receives it, pixels in [0, 1]
 * @throws LockstepError `data-damaged`, or `data-invalid` where the array has other samples
 */
export async function readArraySamples(
  path: string,
  inputShape: readonly number[],
  channels: ArraySettings['channels'],
): Promise<readonly Float32Array[]> {
  const { size } = await stat(path);
  const stream = { chunks: createReadStream(path), byteLength: size, place: path };
  const found = inputsOf({ array: await readNpy(stream), place: path }, channels);
  const [expected, own] = [inputShape, found.inputShape].map(withoutOnes);
  if (own !== expected) {
    throw arrayInvalid(
      path,
      `its samples are [${found.inputShape.join(', ')}], those of the run [${inputShape.join(', ')}]`,
      `Save it as [n, ${inputShape.join(', ')}]: its first dimension counts the samples.`,
    );
  }
  const { count } = found;
  const split = { ...found, targets: new Int32Array(count) };
  const { inputs } = gatherBatch(
    split,
    Int32Array.from({ length: count }, (_, i) => i),
  );
  const length = inputs.length / count;
  return Array.from({ length: count }, (_, i) => inputs.subarray(i * length, (i + 1) * length));
}

const withoutOnes = (shape: readonly number[]): string => shape.join().replace(/(,1)+$/, '');
