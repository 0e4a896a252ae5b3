import { sizeOf } from '@lockstep/core';
import { arrayDamaged, arrayInvalid } from './array-errors.js';
import { ELEMENT_BYTES, type ElementType } from './element-types.js';

/** The header of a .npy file (https://numpy.org/neps/nep-0001-npy-format.html). */
export interface NpyHeader {
  readonly type: ElementType;
  readonly isLittleEndian: boolean;
  /** Whether the first dimension varies fastest. */
  readonly isColumnMajor: boolean;
  /** No dimension is 0. */
  readonly shape: readonly number[];
  readonly headerBytes: number;
  /** Header and elements together. */
  readonly totalBytes: number;
}

const MAGIC = '\x93NUMPY';
/** NumPy's own default bound (`max_header_size`). */
const MOST_TEXT = 10_000;
/** As many bytes of a file as hold its header. */
export const MAX_NPY_HEADER = 12 + MOST_TEXT;

/** Whether the bytes begin as a .npy file does. */
export const isNpy = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') === MAGIC;

/**
 * Reads a header. It is a Python literal with three entries, for example
 * `{'descr': '<f4', 'fortran_order': False, 'shape': (60000, 784), }`.
 *
 * @param bytes the file's first `MAX_NPY_HEADER` bytes, or all of it
 * @param place for messages
 * @throws LockstepError `data-damaged`, or `data-invalid` for elements that are no numbers
 */
export function readNpyHeader(bytes: Uint8Array, place: string): NpyHeader {
  const { text, headerBytes } = headerText(bytes, place);
  const { descr, fortran_order: order, shape: sizes } = parseEntries(text, place);
  const shape = parseShape(sizes, place);
  const { type, isLittleEndian } = parseType(descr, place);
  if (order !== 'True' && order !== 'False') throw badHeader(text, place);
  if (shape.includes(0)) throw arrayDamaged(place, `it is empty: its shape is ${sizes}`);
  const totalBytes = headerBytes + sizeOf(shape) * ELEMENT_BYTES[type];
  return { type, isLittleEndian, isColumnMajor: order === 'True', shape, headerBytes, totalBytes };
}

function headerText(bytes: Uint8Array, place: string): { text: string; headerBytes: number } {
  const [major, minor] = bytes.subarray(MAGIC.length);
  const isShort = major === 1;
  const start = isShort ? 10 : 12;
  if (bytes.length < start) {
    throw arrayDamaged(place, `it is truncated: it ends after ${bytes.length} bytes`);
  }
  if (![1, 2, 3].includes(major) || minor !== 0) {
    throw arrayDamaged(place, `its .npy version is ${major}.${minor}, expected 1.0, 2.0 or 3.0`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const length = isShort ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MOST_TEXT) {
    throw arrayDamaged(place, `its header claims ${length} bytes, more than the ${MOST_TEXT} read`);
  }
  const headerBytes = start + length;
  if (bytes.length < headerBytes) {
    throw arrayDamaged(
      place,
      `it is truncated: it ends after ${bytes.length} bytes, inside its ${headerBytes} byte header`,
    );
  }
  return { text: Buffer.from(bytes.subarray(start, headerBytes)).toString('utf8'), headerBytes };
}

const ENTRY =
  /\s*['"](descr|fortran_order|shape)['"]\s*:\s*('[^']*'|"[^"]*"|True|False|\([^()]*\)|\[.*\])\s*(?:,|$)/sy;

function parseEntries(text: string, place: string): Record<string, string> {
  const trimmed = text.trim();
  const body = trimmed.slice(1, -1).trimEnd();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) throw badHeader(text, place);
  const entries: Record<string, string> = {};
  let at = 0;
  while (at < body.length) {
    ENTRY.lastIndex = at;
    const [whole, key, value] = ENTRY.exec(body) ?? [];
    if (whole === undefined || key in entries) throw badHeader(text, place);
    entries[key] = value;
    at += whole.length;
  }
  if (Object.keys(entries).length !== 3) throw badHeader(text, place);
  return entries;
}

/** `(60000, 28, 28)`, `(10,)`; Python 2 wrote `10L`. */
function parseShape(text: string, place: string): readonly number[] {
  const parts = text.slice(1, -1).replace(/\s/g, '').split(',');
  const isTuple = text.startsWith('(') && (parts.length > 1 || parts[0] === '');
  if (parts.at(-1) === '') parts.pop();
  const shape = parts.map(Number.parseFloat);
  const isValid =
    isTuple && parts.every((part) => /^\d+L?$/.test(part)) && Number.isSafeInteger(sizeOf(shape));
  if (!isValid) throw arrayDamaged(place, `its header gives the shape ${short(text)}`);
  return shape;
}

/** By kind and number of bytes, as NumPy writes them. */
const TYPES: ReadonlyMap<string, ElementType> = new Map([
  ...([['b1', 'bool']] as const),
  ...([
    ['u1', 'uint8'],
    ['u2', 'uint16'],
    ['u4', 'uint32'],
    ['u8', 'uint64'],
  ] as const),
  ...([
    ['i1', 'int8'],
    ['i2', 'int16'],
    ['i4', 'int32'],
    ['i8', 'int64'],
  ] as const),
  ...([
    ['f2', 'float16'],
    ['f4', 'float32'],
    ['f8', 'float64'],
  ] as const),
]);

function parseType(
  descr: string,
  place: string,
): { readonly type: ElementType; readonly isLittleEndian: boolean } {
  const [, order = '', code = ''] = /^['"]([<>|=]?)([^'"]*)['"]$/.exec(descr) ?? [];
  const type = TYPES.get(code);
  if (type !== undefined) return { type, isLittleEndian: order !== '>' };
  const [, what, remedy] = others.find(([kinds]) => kinds.test(code)) ?? STRUCTURE;
  throw arrayInvalid(place, `its elements are ${what} (dtype ${short(descr)})`, remedy);
}

const STRUCTURE = [
  /^V/,
  'structures or of an unknown type',
  'Save each field as an array of numbers of its own.',
] as const;

/** Elements that are no numbers to train on, by the beginning of their type. */
const others: readonly (readonly [RegExp, string, string])[] = [
  [
    /^O/,
    'pickled Python objects, which may run code when they are opened; Lockstep never opens them',
    'Save an array of numbers: `numpy.save(file, numpy.array(x.tolist(), dtype="float32"))`.',
  ],
  [
    /^[USa]/,
    'text',
    'Number the classes: `names, y = numpy.unique(y, return_inverse=True)`, and save y.',
  ],
  [/^c/, 'complex numbers', 'Save their real and imaginary parts as numbers of their own.'],
  [/^[Mm]/, 'dates or durations', 'Convert them to numbers: `x.astype("int64")`.'],
  [/^f/, 'floating-point numbers of an unusual width', 'Convert them: `x.astype("float64")`.'],
];

function badHeader(text: string, place: string): Error {
  return arrayDamaged(
    place,
    `its header is ${short(text)}, expected {'descr': …, 'fortran_order': …, 'shape': …}`,
  );
}

/** A piece of a file, for a message. */
function short(text: string): string {
  const printable = text.trim().replace(/[^\x20-\x7e]/g, '?');
  return printable.length > 80 ? `${printable.slice(0, 80)}…` : printable;
}
