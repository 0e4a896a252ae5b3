import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** An idx file of unsigned bytes. */
export function idx(shape: readonly number[], values: ArrayLike<number>): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = 8;
  header[3] = shape.length;
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, Uint8Array.from(values)]);
}

/** `length` bytes of a fixed pattern, each below `limit`. */
export const pattern = (length: number, limit = 256): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 4)) % limit);

/** The four files of a small, sound data set: 20 + 10 images of 4×3, 5 classes. */
export function smallSet(): Record<string, Uint8Array> {
  return {
    'train-images-idx3-ubyte': idx([20, 4, 3], pattern(240)),
    'train-labels-idx1-ubyte': idx([20], pattern(20, 5)),
    't10k-images-idx3-ubyte': idx([10, 4, 3], pattern(120)),
    't10k-labels-idx1-ubyte': idx([10], pattern(10, 5)),
  };
}

export interface WriteOptions {
  readonly gzip?: boolean;
  /** Turns a file's name into another spelling. */
  readonly rename?: (name: string) => string;
}

export async function writeSet(
  folder: string,
  files: Record<string, Uint8Array>,
  { gzip = false, rename = (name) => name }: WriteOptions = {},
): Promise<string> {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, rename(name) + (gzip ? '.gz' : ''));
    await writeFile(path, gzip ? gzipSync(bytes) : bytes);
  }
  return folder;
}

const IDX_TYPES = {
  uint8: {
    code: 0x08,
    width: 1,
    write: (view: DataView, at: number, x: number) => view.setUint8(at, x),
  },
  int8: {
    code: 0x09,
    width: 1,
    write: (view: DataView, at: number, x: number) => view.setInt8(at, x),
  },
  int16: {
    code: 0x0b,
    width: 2,
    write: (view: DataView, at: number, x: number) => view.setInt16(at, x),
  },
  int32: {
    code: 0x0c,
    width: 4,
    write: (view: DataView, at: number, x: number) => view.setInt32(at, x),
  },
  float32: {
    code: 0x0d,
    width: 4,
    write: (view: DataView, at: number, x: number) => view.setFloat32(at, x),
  },
  float64: {
    code: 0x0e,
    width: 8,
    write: (view: DataView, at: number, x: number) => view.setFloat64(at, x),
  },
};
export type IdxType = keyof typeof IDX_TYPES;

/** An idx file of any type. */
export function idxOf(
  type: IdxType,
  shape: readonly number[],
  values: readonly number[],
): Uint8Array {
  const { code, width, write } = IDX_TYPES[type];
  const headerBytes = 4 + 4 * shape.length;
  const view = new DataView(new ArrayBuffer(headerBytes + width * values.length));
  view.setUint16(2, code * 256 + shape.length);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  values.forEach((value, index) => write(view, headerBytes + index * width, value));
  return new Uint8Array(view.buffer);
}
