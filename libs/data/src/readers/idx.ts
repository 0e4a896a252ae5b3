import { LockstepError } from '@lockstep/core';

/**
 * An idx file, opened: Yann LeCun's format for MNIST. Two zero bytes, the element type, the number of
 * dimensions, each dimension as a big-endian uint32, then the values.
 */
export interface IdxTensor {
  /** For example [60000, 28, 28]; no dimension is 0. */
  readonly shape: readonly number[];
  /** prod(shape) values, row-major; a view of the file's bytes where those are its values. */
  readonly values: Uint8Array;
}

/** An element type and a number of dimensions, which an idx file begins with. */
export interface IdxForm {
  readonly type: 'byte' | 'int32';
  readonly rank: number;
}

/** [count, height, width], or with channels in a fourth dimension. */
export const IMAGE_FORMS: readonly IdxForm[] = [
  { type: 'byte', rank: 3 },
  { type: 'byte', rank: 4 },
];
/** [count]; QMNIST has 32-bit integers, and after the label what else is known of the sample. */
export const LABEL_FORMS: readonly IdxForm[] = [
  { type: 'byte', rank: 1 },
  { type: 'int32', rank: 1 },
  { type: 'int32', rank: 2 },
];

const TYPES = {
  byte: { code: 0x08, bytes: 1 },
  int32: { code: 0x0c, bytes: 4 },
} as const;

/** Bytes of the longest header read: magic and four dimensions. */
export const MAX_IDX_HEADER = 4 + 4 * 4;
/** Largest idx file that is read: one Node buffer always holds this many bytes. */
export const MAX_IDX_BYTES = 2 ** 31 - 1;

export interface IdxHeader {
  readonly form: IdxForm;
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
 * @param forms those that are accepted
 * @throws LockstepError `data-damaged`
 */
export function readIdxHeader(
  bytes: Uint8Array,
  file: string,
  forms: readonly IdxForm[],
): IdxHeader {
  if (bytes.length === 0) throw damaged(file, 'the file is empty');
  const form = formOf(bytes, forms);
  if (form === undefined) throw damaged(file, unexpectedMagic(bytes, forms));
  const headerBytes = 4 + 4 * form.rank;
  if (bytes.length < headerBytes) {
    throw damaged(
      file,
      `it ends after ${bytes.length} bytes, inside its ${headerBytes} byte header`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const shape = Array.from({ length: form.rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.includes(0))
    throw damaged(file, `its shape is [${shape.join(', ')}]: it holds nothing`);
  const elements = shape.reduce((product, size) => product * size, 1);
  const totalBytes = headerBytes + elements * TYPES[form.type].bytes;
  if (totalBytes > MAX_IDX_BYTES) {
    throw damaged(
      file,
      `its header claims ${totalBytes} bytes, more than the ${MAX_IDX_BYTES} read`,
    );
  }
  return { form, shape, headerBytes, totalBytes };
}

/** The form that a file begins with; undefined where it is none of these. */
export function formOf(bytes: Uint8Array, forms: readonly IdxForm[]): IdxForm | undefined {
  const magic = hex(bytes.subarray(0, 4));
  return forms.find((form) => magicOf(form) === magic);
}

/** Says how a file's first bytes differ from the expected ones. */
export function unexpectedMagic(bytes: Uint8Array, forms: readonly IdxForm[]): string {
  return `it begins with ${hex(bytes.subarray(0, 4))}, expected ${forms.map(magicOf).join(' or ')}`;
}

/**
 * Opens an uncompressed idx file, bytes without copying.
 *
 * @throws LockstepError `data-damaged` on a wrong magic number, on missing or trailing bytes, and on
 *   integers that are no labels
 */
export function readIdx(bytes: Uint8Array, file: string, forms: readonly IdxForm[]): IdxTensor {
  const { form, shape, headerBytes, totalBytes } = readIdxHeader(bytes, file, forms);
  if (bytes.length !== totalBytes) {
    const kind = bytes.length < totalBytes ? 'truncated' : 'followed by something else';
    throw damaged(
      file,
      `it is ${kind}: ${bytes.length} bytes found, ${totalBytes} expected for [${shape.join(', ')}]`,
    );
  }
  const content = bytes.subarray(headerBytes);
  return form.type === 'byte' ? { shape, values: content } : firstColumn(content, shape, file);
}

/** [count, …] integers → [count] bytes. */
function firstColumn(content: Uint8Array, shape: readonly number[], file: string): IdxTensor {
  const [count = 0, columns = 1] = shape;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const values = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const value = view.getInt32(4 * row * columns);
    if (value < 0 || value > 255) {
      throw damaged(file, `label ${row} is ${value}, expected 0 to 255`);
    }
    values[row] = value;
  }
  return { shape: [count], values };
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

const magicOf = ({ type, rank }: IdxForm): string => hex([0, 0, TYPES[type].code, rank]);

const hex = (bytes: Iterable<number>): string =>
  `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
