import { LockstepError, sizeOf } from '@lockstep/core';
import { ELEMENT_BYTES, type ElementType } from '../arrays/element-types.js';
import { rowMajorStrides, type StridedArray } from '../arrays/strided-array.js';

/**
 * The header of an idx file, Yann LeCun's format for MNIST: two zero bytes, the element type, the number
 * of dimensions, and each dimension as a big-endian uint32. The elements follow, big-endian.
 */
export interface IdxHeader {
  readonly type: ElementType;
  /** For example [60000, 28, 28]; no dimension is 0. */
  readonly shape: readonly number[];
  readonly headerBytes: number;
  /** Header and elements together. */
  readonly totalBytes: number;
}

const TYPES: ReadonlyMap<number, ElementType> = new Map([
  [0x08, 'uint8'],
  [0x09, 'int8'],
  [0x0b, 'int16'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
]);
/** Most dimensions: one for the samples, and those of a sample. */
const MOST_DIMENSIONS = 7;

/** Bytes of the longest header read. */
export const MAX_IDX_HEADER = 4 + 4 * MOST_DIMENSIONS;
/** Largest idx file that is read: one Node buffer always holds this many bytes. */
export const MAX_IDX_BYTES = 2 ** 31 - 1;

/** Whether the bytes begin as an idx file does. */
export function isIdx([first, second, code, rank]: Uint8Array): boolean {
  return first === 0 && second === 0 && TYPES.has(code) && rank >= 1 && rank <= MOST_DIMENSIONS;
}

/**
 * Reads an idx file's header.
 *
 * @param bytes at least the file's first `MAX_IDX_HEADER` bytes, or all of it
 * @param file the file's name, for the message
 * @throws LockstepError `data-damaged`
 */
export function readIdxHeader(bytes: Uint8Array, file: string): IdxHeader {
  if (bytes.length === 0) throw damaged(file, 'the file is empty');
  const type = TYPES.get(bytes[2]);
  if (!isIdx(bytes) || type === undefined) throw damaged(file, unexpectedMagic(bytes));
  const rank = bytes[3];
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
  const totalBytes = headerBytes + sizeOf(shape) * ELEMENT_BYTES[type];
  if (totalBytes > MAX_IDX_BYTES) {
    throw damaged(
      file,
      `its header claims ${totalBytes} bytes, more than the ${MAX_IDX_BYTES} read`,
    );
  }
  return { type, shape, headerBytes, totalBytes };
}

/** Says how a file's first bytes differ from the expected ones. */
export function unexpectedMagic(bytes: Uint8Array): string {
  const codes = [...TYPES.keys()].map((code) => hex([code])).join(', ');
  return `it begins with 0x${hex(bytes.subarray(0, 4))}, expected 0x0000, a type (${codes}) and 1 to ${MOST_DIMENSIONS} dimensions`;
}

/**
 * Opens an uncompressed idx file, without copying its elements.
 *
 * @throws LockstepError `data-damaged` on a wrong header, and on missing or trailing bytes
 */
export function readIdx(bytes: Uint8Array, file: string): StridedArray {
  const { type, shape, headerBytes, totalBytes } = readIdxHeader(bytes, file);
  if (bytes.length !== totalBytes) {
    const kind = bytes.length < totalBytes ? 'truncated' : 'followed by something else';
    throw damaged(
      file,
      `it is ${kind}: ${bytes.length} bytes found, ${totalBytes} expected for [${shape.join(', ')}]`,
    );
  }
  const elements = bytes.subarray(headerBytes);
  return { type, isLittleEndian: false, shape, strides: rowMajorStrides(shape), bytes: elements };
}

/** The error for a data file that isn't what it claims to be. */
export function damaged(
  file: string,
  found: string,
  { remedy, cause }: { readonly remedy?: string; readonly cause?: unknown } = {},
): LockstepError {
  return new LockstepError('data-damaged', `${file}: ${found}`, {
    remedy: remedy ?? 'Copy or download the file again; it must be in the idx format of MNIST.',
    cause,
  });
}

const hex = (bytes: Iterable<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
