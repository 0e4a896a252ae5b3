import { LockstepError } from '@lockstep/core';

/**
 * An idx file, opened: Yann LeCun's format for MNIST. Two zero bytes, the element type (8 = unsigned
 * byte), the number of dimensions, each dimension as a big-endian uint32, then the values.
 */
export interface IdxTensor {
  /** For example [60000, 28, 28]; no dimension is 0. */
  readonly shape: readonly number[];
  /** prod(shape) values, row-major; a view of the file's bytes. */
  readonly values: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
/** Bytes of the longest header read: magic and four dimensions. */
export const MAX_IDX_HEADER = 4 + 4 * 4;
/** No idx file of more bytes than this is read: what one Node buffer surely holds. */
export const MAX_IDX_BYTES = 2 ** 31 - 1;

export interface IdxHeader {
  readonly shape: readonly number[];
  readonly headerBytes: number;
  /** Header and values together. */
  readonly totalBytes: number;
}

/**
 * Reads an idx file's header.
 *
 * @param bytes at least the file's first `MAX_IDX_HEADER` bytes, or all of it
 * @param file the file's name, for the message
 * @param ranks the numbers of dimensions that are accepted
 * @throws LockstepError `data-damaged`
 */
export function readIdxHeader(
  bytes: Uint8Array,
  file: string,
  ranks: readonly number[],
): IdxHeader {
  if (bytes.length === 0) throw damaged(file, 'the file is empty');
  const rank = bytes[3] ?? 0;
  const expected = ranks.map((r) => magicOf(r)).join(' or ');
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== UNSIGNED_BYTE) {
    throw damaged(file, `it begins with ${hex(bytes.subarray(0, 4))}, expected ${expected}`);
  }
  if (!ranks.includes(rank)) {
    throw damaged(file, `it begins with ${magicOf(rank)}, expected ${expected}`);
  }
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    throw damaged(
      file,
      `it ends after ${bytes.length} bytes, inside its ${headerBytes} byte header`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.includes(0))
    throw damaged(file, `its shape is [${shape.join(', ')}]: it holds nothing`);
  const totalBytes = headerBytes + shape.reduce((product, size) => product * size, 1);
  if (totalBytes > MAX_IDX_BYTES) {
    throw damaged(
      file,
      `its header claims ${totalBytes} bytes, more than the ${MAX_IDX_BYTES} read`,
    );
  }
  return { shape, headerBytes, totalBytes };
}

/**
 * Opens an uncompressed idx file of unsigned bytes, without copying.
 *
 * @throws LockstepError `data-damaged` on a wrong magic number, and on missing or trailing bytes
 */
export function readIdx(bytes: Uint8Array, file: string, ranks: readonly number[]): IdxTensor {
  const { shape, headerBytes, totalBytes } = readIdxHeader(bytes, file, ranks);
  if (bytes.length !== totalBytes) {
    const kind = bytes.length < totalBytes ? 'truncated' : 'followed by something else';
    throw damaged(
      file,
      `it is ${kind}: ${bytes.length} bytes found, ${totalBytes} expected for [${shape.join(', ')}]`,
    );
  }
  return { shape, values: bytes.subarray(headerBytes) };
}

/** The error for a data file that isn't what it claims to be. */
export function damaged(file: string, found: string, cause?: unknown): LockstepError {
  return new LockstepError('data-damaged', `${file}: ${found}`, {
    remedy: 'Copy or download the file again; it must be in the idx format of MNIST.',
    cause,
  });
}

const magicOf = (rank: number): string => hex([0, 0, UNSIGNED_BYTE, rank]);

const hex = (bytes: Iterable<number>): string =>
  `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
