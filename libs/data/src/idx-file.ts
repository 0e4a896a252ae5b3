import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LockstepError } from '@lockstep/core';
import { readIdx, type IdxTensor } from './idx.js';
import { inflateIdx, isGzip } from './inflate.js';

/** An idx file as it was read, with its identity. */
export interface IdxFile extends IdxTensor {
  readonly path: string;
  /** SHA-256 (hex) of the uncompressed idx file: its header (counts and shape) and every value. */
  readonly sha256: string;
}

/**
 * Reads an idx file, gzipped or not (its first bytes decide).
 *
 * @param ranks the numbers of dimensions that are accepted: [3, 4] for images, [1] for labels
 * @throws LockstepError `data-damaged`, or `data-not-found` when it cannot be read
 */
export async function readIdxFile(path: string, ranks: readonly number[]): Promise<IdxFile> {
  const stored = await readBytes(path);
  const bytes = isGzip(stored) ? await inflateIdx(stored, path, ranks) : stored;
  const tensor = readIdx(bytes, path, ranks);
  return { ...tensor, path, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('data-not-found', `${path} cannot be read: ${reason}`, {
      remedy: 'Check that the file exists and that this user may read it.',
      cause,
    });
  }
}
