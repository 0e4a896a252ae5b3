import { messageOf } from '@lockstep/core';
import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { damaged, readIdxHeader } from './idx.js';

const inflate = promisify(gunzip);

/** How many bytes of a gzip file are looked at to find the idx header inside. */
const PROBE_BYTES = 4096;
/** Deflate makes at most 1032 bytes of one (zlib's technical notes). */
const MAX_RATIO = 1032;

/** Whether the bytes begin as a gzip file does; the name is not asked. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The idx file inside a gzip file. No more is inflated than the idx header inside announces, so
 * that a gzip bomb costs a few kilobytes.
 *
 * @throws LockstepError `data-damaged` when the gzip is broken, or is longer or shorter than announced
 */
export async function inflateIdx(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  const { totalBytes } = readIdxHeader(await inflateHead(bytes, file), file);
  if (totalBytes > bytes.length * MAX_RATIO) {
    throw damaged(
      file,
      `its header announces ${totalBytes} bytes, which ${bytes.length} bytes of gzip cannot hold`,
    );
  }
  try {
    return await inflate(bytes, { maxOutputLength: totalBytes });
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw damaged(file, `it inflates to more than the ${totalBytes} bytes its header announces`);
    }
    throw brokenGzip(file, cause);
  }
}

/**
 * What the first bytes of a gzip file hold.
 *
 * @throws LockstepError `data-damaged`
 */
export async function inflateHead(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  try {
    const probe = bytes.subarray(0, PROBE_BYTES);
    return await inflate(probe, {
      // an end in the middle of the stream is what a probe expects
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: PROBE_BYTES * (MAX_RATIO + 1),
    });
  } catch (cause) {
    throw brokenGzip(file, cause);
  }
}

function brokenGzip(file: string, cause: unknown): Error {
  const reason = messageOf(cause);
  return damaged(file, `its gzip cannot be opened (${reason})`, { cause });
}
