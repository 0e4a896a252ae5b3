import { createHash } from 'node:crypto';
import { LockstepError, type RunSpec } from '@lockstep/core';
import { replaceFile, type Disk } from './disk.js';

const FILE = 'initial-weights.bin';

/**
 * Saves the given weights that a run begins with; before its record, so that a run has them.
 *
 * @param bytes weights, then buffers, whose SHA-256 is the spec's `initSha256`
 */
export async function saveInitialWeights(disk: Disk, bytes: Uint8Array): Promise<void> {
  await replaceFile(disk, '.', FILE, [bytes]);
}

/**
 * The given weights that a run begins with; undefined where it begins with those of its seed.
 *
 * @throws LockstepError `run-damaged` when they are missing, or are not those that the spec names
 */
export async function readInitialWeights(
  disk: Disk,
  { initSha256 }: Pick<RunSpec, 'initSha256'>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (initSha256 === undefined) return undefined;
  const bytes = (await disk.read(FILE)) ?? new Uint8Array();
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === initSha256) return Uint8Array.from(bytes);
  throw new LockstepError(
    'run-damaged',
    `${FILE} does not hold the weights that the run began with`,
    {
      remedy: 'restore it from a backup; the checkpoints of later steps are unaffected',
    },
  );
}
