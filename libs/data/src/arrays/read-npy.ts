import { arrayDamaged } from './array-errors.js';
import { isNpy, MAX_NPY_HEADER, readNpyHeader, type NpyHeader } from './npy-header.js';
import { notArrays } from './not-arrays.js';
import { columnMajorStrides, rowMajorStrides, type StridedArray } from './strided-array.js';

/** Largest array that is read: one Node buffer always holds this many bytes. */
const MAX_NPY_BYTES = 2 ** 31 - 1;

/** The bytes of a .npy file as they arrive. */
export interface NpyStream {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Length of the whole file, as the folder or the archive states it. */
  readonly byteLength: number;
  /** For messages: the file, and the array in it. */
  readonly place: string;
  /** Called with all bytes of the file; throws where they are not the stored ones. */
  readonly check?: (bytes: Uint8Array) => void;
}

/**
 * Reads an array. Memory for its elements is allocated once the header agrees with the length of the file.
 *
 * @throws LockstepError `data-damaged`, or `data-invalid` for elements that are no numbers
 */
export async function readNpy({
  chunks,
  byteLength,
  place,
  check,
}: NpyStream): Promise<StridedArray> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    const head = await takeHead(iterator, Math.min(byteLength, MAX_NPY_HEADER));
    const header = await checkedHeader(head, byteLength, place);
    const bytes = new Uint8Array(header.totalBytes);
    let filled = 0;
    const take = (chunk: Uint8Array): void => {
      if (filled + chunk.length > bytes.length) throw arrayDamaged(place, TOO_LONG);
      bytes.set(chunk, filled);
      filled += chunk.length;
    };
    take(head);
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      take(next.value);
    }
    if (filled < bytes.length) {
      throw arrayDamaged(place, `it is truncated: ${filled} bytes found, ${bytes.length} expected`);
    }
    check?.(bytes);
    return stridedArray(header, bytes);
  } finally {
    await iterator.return?.();
  }
}

const TOO_LONG = 'it holds more bytes than it states';

async function takeHead(iterator: AsyncIterator<Uint8Array>, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let taken = 0; taken < length;) {
    const next = await iterator.next();
    if (next.done === true) break;
    parts.push(next.value);
    taken += next.value.length;
  }
  return Buffer.concat(parts);
}

async function checkedHeader(
  head: Uint8Array,
  byteLength: number,
  place: string,
): Promise<NpyHeader> {
  if (!isNpy(head)) throw await notArrays(head, place, 'a NumPy array');
  const header = readNpyHeader(head.subarray(0, MAX_NPY_HEADER), place);
  const { shape, totalBytes } = header;
  if (totalBytes !== byteLength) {
    const kind = byteLength < totalBytes ? 'truncated' : 'followed by something else';
    throw arrayDamaged(
      place,
      `it is ${kind}: ${byteLength} bytes found, ${totalBytes} expected for [${shape.join(', ')}]`,
    );
  }
  if (totalBytes > MAX_NPY_BYTES) {
    throw arrayDamaged(place, `it has ${totalBytes} bytes, more than the ${MAX_NPY_BYTES} read`);
  }
  return header;
}

function stridedArray(header: NpyHeader, bytes: Uint8Array): StridedArray {
  const { type, isLittleEndian, isColumnMajor, shape, headerBytes } = header;
  return {
    type,
    isLittleEndian,
    shape,
    strides: isColumnMajor ? columnMajorStrides(shape) : rowMajorStrides(shape),
    bytes: bytes.subarray(headerBytes),
  };
}
