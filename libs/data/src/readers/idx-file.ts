import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { LockstepError, messageOf } from '@lockstep/core';
import { describeContent, type Content } from './describe-content.js';
import type { PlacedArray } from '../arrays/array-inputs.js';
import { damaged, isIdx, MAX_IDX_BYTES, readIdx, unexpectedMagic } from './idx.js';
import { inflateHead, inflateIdx, isGzip } from './inflate.js';

/** An idx file as it was read, with its identity. */
export interface IdxFile extends PlacedArray {
  /** SHA-256 (hex) of the uncompressed idx file: its header (counts and shape) and every value. */
  readonly sha256: string;
}

/**
 * Reads an idx file, gzipped or not (its first bytes decide).
 *
 * @throws LockstepError `data-damaged`, or `data-not-found` when it cannot be read
 */
export async function readIdxFile(path: string): Promise<IdxFile> {
  const stored = await readBytes(path);
  const isZipped = isGzip(stored);
  const head = isZipped ? await inflateHead(stored, path) : stored;
  if (head.length > 0 && !isIdx(head)) throw await notIdx(path, head, isZipped);
  const bytes = isZipped ? await inflateIdx(stored, path) : stored;
  const array = readIdx(bytes, path);
  return { array, place: path, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_IDX_BYTES) {
      throw damaged(path, `it has ${size} bytes, more than the ${MAX_IDX_BYTES} read`);
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof LockstepError) throw cause;
    const reason = messageOf(cause);
    throw new LockstepError('data-not-found', `${path} cannot be read: ${reason}`, {
      remedy: 'Check that the file exists and that this user may read it.',
      cause,
    });
  }
}

/** @param head the file's first bytes, inflated where it is a gzip */
async function notIdx(path: string, head: Uint8Array, isZipped: boolean): Promise<LockstepError> {
  const { kind, words } = await describeContent(head);
  const what = isZipped
    ? `it is a gzip of something else: what is inside is ${words}`
    : `it is ${words}`;
  const remedy = remedies[kind];
  return damaged(path, `${what}; ${unexpectedMagic(head)}`, remedy === undefined ? {} : { remedy });
}

const remedies: Partial<Record<Content['kind'], string>> = {
  'web-page':
    'A page was probably saved instead of the file: download the file itself, for example with `curl -fLO URL`.',
  archive: 'Unpack it, and give --data the folder with the four idx files.',
  text: 'Download the file itself; it must be in the idx format of MNIST.',
};
