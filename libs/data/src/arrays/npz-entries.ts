import { crc32 } from 'node:zlib';
import { LockstepError, messageOf } from '@lockstep/core';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { arrayDamaged } from './array-errors.js';
import { firstBytes } from '../readers/first-bytes.js';
import type { NamedArray } from './named-array.js';
import { notArrays } from './not-arrays.js';
import { readNpy } from './read-npy.js';

/** Deflate makes at most 1032 bytes of one (zlib's technical notes). */
const MAX_RATIO = 1032;
/** An archive of more is no data set. */
const MOST_ENTRIES = 1000;
const STORED = 0;
const DEFLATED = 8;

/** Whether the bytes begin as a ZIP archive does, an empty one too. */
export const isZip = (bytes: Uint8Array): boolean =>
  /^PK(\x03\x04|\x05\x06)/.test(Buffer.from(bytes.subarray(0, 4)).toString('latin1'));

/**
 * The arrays of a .npz file, which is a ZIP archive of .npy files. Each is read from the file when it is
 * needed.
 *
 * @throws LockstepError `data-damaged`
 */
export async function npzArrays(file: string): Promise<readonly NamedArray[]> {
  const head = await firstBytes(file);
  if (!isZip(head)) throw await notArrays(head, file, 'a .npz file');
  const names = await withZip(file, file, async (zip) => {
    const found: string[] = [];
    for await (const { fileName } of zip.eachEntry()) {
      if (!fileName.endsWith('/')) found.push(fileName);
      if (found.length > MOST_ENTRIES) {
        throw arrayDamaged(file, `it holds more than ${MOST_ENTRIES} files`);
      }
    }
    return found;
  });
  if (new Set(names).size < names.length)
    throw arrayDamaged(file, 'it holds two files of one name');
  return names
    .filter((name) => name.endsWith('.npy'))
    .map((entry) => {
      const name = entry.slice(0, -'.npy'.length);
      return { name, place: `${file}, array ${name}`, read: () => readEntry(file, entry, name) };
    });
}

function readEntry(file: string, fileName: string, name: string): ReturnType<NamedArray['read']> {
  const place = `${file}, array ${name}`;
  return withZip(file, place, async (zip) => {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== fileName) continue;
      checkEntry(entry, place);
      const byteLength = entry.uncompressedSize;
      const check = (bytes: Uint8Array): void => {
        if (crc32(bytes) !== entry.crc32)
          throw arrayDamaged(place, 'its checksum (CRC-32) is wrong');
      };
      const chunks = await zip.openReadStreamPromise(entry);
      return await readNpy({ chunks, byteLength, place, check });
    }
    throw arrayDamaged(file, `it no longer holds ${fileName}`);
  });
}

function checkEntry(entry: Entry, place: string): void {
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  if (entry.isEncrypted()) throw arrayDamaged(place, 'it is encrypted');
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    throw arrayDamaged(place, `it is compressed by method ${compressionMethod}, expected deflate`, {
      remedy: 'Write the file with `numpy.savez` or `numpy.savez_compressed`.',
    });
  }
  if (uncompressedSize > compressedSize * MAX_RATIO) {
    throw arrayDamaged(
      place,
      `it claims ${uncompressedSize} bytes, which ${compressedSize} compressed bytes cannot hold`,
    );
  }
}

/**
 * Opens an archive for one use; its own errors become `data-damaged`.
 *
 * @param place for messages
 */
async function withZip<T>(
  file: string,
  place: string,
  use: (zip: ZipFile) => Promise<T>,
): Promise<T> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(file, { autoClose: false });
    // An error after the last entry was read would end the process.
    zip.on('error', () => undefined);
    return await use(zip);
  } catch (cause) {
    if (cause instanceof LockstepError) throw cause;
    throw arrayDamaged(place, `its ZIP archive cannot be opened (${messageOf(cause)})`, { cause });
  } finally {
    zip?.close();
  }
}
