import { zipSync } from 'fflate';

/** Values of an array, in row-major order, to be written as NumPy does. */
export interface WrittenArray {
  /** `<f4` */
  readonly descr: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly isColumnMajor?: boolean;
}

const SETTERS: Record<string, (view: DataView, at: number, value: number, le: boolean) => void> = {
  b1: (view, at, value) => view.setUint8(at, value),
  u1: (view, at, value) => view.setUint8(at, value),
  i1: (view, at, value) => view.setInt8(at, value),
  u2: (view, at, value, le) => view.setUint16(at, value, le),
  i2: (view, at, value, le) => view.setInt16(at, value, le),
  u4: (view, at, value, le) => view.setUint32(at, value, le),
  i4: (view, at, value, le) => view.setInt32(at, value, le),
  u8: (view, at, value, le) => view.setBigUint64(at, BigInt(value), le),
  i8: (view, at, value, le) => view.setBigInt64(at, BigInt(value), le),
  f4: (view, at, value, le) => view.setFloat32(at, value, le),
  f8: (view, at, value, le) => view.setFloat64(at, value, le),
};

/** A .npy file of version 1.0, with its header at 64 bytes as NumPy aligns it. */
export function npy({ descr, shape, values, isColumnMajor = false }: WrittenArray): Uint8Array {
  const width = Number(descr.slice(2));
  const content = new DataView(new ArrayBuffer(values.length * width));
  values.forEach((value, index) => {
    const at = isColumnMajor ? columnMajorPlace(index, shape) : index;
    SETTERS[descr.slice(1)](content, at * width, value, !descr.startsWith('>'));
  });
  const order = isColumnMajor ? 'True' : 'False';
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  return npyFile(
    `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${sizes}), }`,
    new Uint8Array(content.buffer),
  );
}

/** A .npy file with any header and content. */
export function npyFile(header: string, content: Uint8Array): Uint8Array {
  const padded = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const head = Buffer.from(`\x93NUMPY\x01\0\0\0${`${header.padEnd(padded - 1)}\n`}`, 'latin1');
  head.writeUInt16LE(padded, 8);
  return Buffer.concat([head, content]);
}

export function npz(arrays: Record<string, Uint8Array>, level: 0 | 6 = 0): Uint8Array {
  const files = Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes] as const);
  return zipSync(Object.fromEntries(files), { level });
}

function columnMajorPlace(index: number, shape: readonly number[]): number {
  let rest = index;
  const places = shape.toReversed().map((size) => {
    const place = rest % size;
    rest = Math.floor(rest / size);
    return place;
  });
  let stride = 1;
  return places.toReversed().reduce((at, place, axis) => {
    const next = at + place * stride;
    stride *= shape[axis];
    return next;
  }, 0);
}

/** Keras' layout of MNIST, small: 20 + 10 pictures of 4×3, 5 classes. */
export function smallArrays(): Record<string, WrittenArray> {
  const pixels = (count: number) => Array.from({ length: count * 12 }, (_, i) => (i * 7) % 256);
  const labels = (count: number) => Array.from({ length: count }, (_, i) => (i * 3) % 5);
  return {
    x_train: { descr: '|u1', shape: [20, 4, 3], values: pixels(20) },
    y_train: { descr: '<i8', shape: [20], values: labels(20) },
    x_test: { descr: '|u1', shape: [10, 4, 3], values: pixels(10) },
    y_test: { descr: '<i8', shape: [10], values: labels(10) },
  };
}
