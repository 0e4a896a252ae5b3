import { open } from 'node:fs/promises';
import { LockstepError, messageOf } from '@lockstep/core';

/** As many as tell what a file is. */
const HEAD_BYTES = 8192;

/** @throws LockstepError `data-not-found` where the file cannot be read */
export async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((cause: unknown) => {
    throw new LockstepError('data-not-found', `${path} cannot be read: ${messageOf(cause)}`, {
      remedy: 'Check that the file exists and that this user may read it.',
      cause,
    });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
