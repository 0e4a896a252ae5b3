import { sizeOf } from '@lockstep/core';
import { ELEMENT_BYTES, elementReader, type ElementType } from './element-types.js';

/**
 * An array as a file holds it: nothing is converted or reordered yet. The element [i, j, …] is at
 * i · strides[0] + j · strides[1] + …, so row-major, column-major and permuted arrays are read alike.
 */
export interface StridedArray {
  readonly type: ElementType;
  readonly isLittleEndian: boolean;
  readonly shape: readonly number[];
  /** Per dimension, in elements. */
  readonly strides: readonly number[];
  /** The elements alone, without a header. */
  readonly bytes: Uint8Array;
}

/** Type and shape, for messages: `uint8 [60000, 28, 28]`. */
export const formOf = ({ type, shape }: StridedArray): string => `${type} [${shape.join(', ')}]`;

/** Strides of an array whose last dimension varies fastest (C). */
export function rowMajorStrides(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Strides of an array whose first dimension varies fastest (Fortran). */
export function columnMajorStrides(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
}

/**
 * The array with its dimensions in another order, over the same bytes. Of a dimension that is left out, the
 * first element is taken.
 */
export function permuted(array: StridedArray, axes: readonly number[]): StridedArray {
  return {
    ...array,
    shape: axes.map((axis) => array.shape[axis]),
    strides: axes.map((axis) => array.strides[axis]),
  };
}

/** The elements of a uint8 array in row-major order; a view of its bytes where they are in that order. */
export function bytesOf(array: StridedArray): Uint8Array {
  return isRowMajor(array) ? array.bytes : copied(array, new Uint8Array(sizeOf(array.shape)));
}

/** The elements in row-major order, rounded to float32. */
export function floatsOf(array: StridedArray): Float32Array {
  if (array.type === 'float32' && array.isLittleEndian && isRowMajor(array)) {
    return new Float32Array(array.bytes.slice().buffer);
  }
  return copied(array, new Float32Array(sizeOf(array.shape)));
}

/** The elements in row-major order. */
export function numbersOf(array: StridedArray): Float64Array {
  return copied(array, new Float64Array(sizeOf(array.shape)));
}

const isRowMajor = ({ shape, strides, bytes, type }: StridedArray): boolean =>
  bytes.length === sizeOf(shape) * ELEMENT_BYTES[type] &&
  rowMajorStrides(shape).every((stride, axis) => stride === strides[axis] || shape[axis] === 1);

function copied<T extends Uint8Array | Float32Array | Float64Array>(
  { type, isLittleEndian, shape, strides, bytes }: StridedArray,
  to: T,
): T {
  const read = elementReader(type, isLittleEndian);
  const width = ELEMENT_BYTES[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const index = shape.map(() => 0);
  for (let i = 0, from = 0; i < to.length; i++) {
    to[i] = read(view, from * width);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return to;
}
