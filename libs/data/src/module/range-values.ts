import { sizeOf, type LockstepError, type Target } from '@lockstep/core';
import { dataInvalid } from './data-invalid.js';
import type { NumberArray } from './define-dataset.js';

/** A call of a module's `read`, for messages. */
export interface ReadCall {
  readonly file: string;
  /** `train.read(0, 1000)` */
  readonly call: string;
  /** First sample of the range. */
  readonly from: number;
  readonly sampleCount: number;
}

const TYPED_ARRAYS = [
  ...[Uint8Array, Uint8ClampedArray, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array],
  ...[Float32Array, Float64Array],
];
/** Dimensions of a picture: height, width, channels. */
const PICTURE_DIMENSIONS = 3;

/**
 * The inputs of a range: pixels as bytes, all other numbers as float32.
 *
 * @throws LockstepError `data-invalid`
 */
export function inputValues(
  given: unknown,
  shape: readonly number[],
  read: ReadCall,
): Uint8Array | Float32Array {
  const size = sizeOf(shape);
  const values = numbersOf(given, 'inputs', size, read);
  if (!(values instanceof Uint8Array || values instanceof Uint8ClampedArray)) {
    return finiteValues(values, 'inputs', size, read);
  }
  if (shape.length === PICTURE_DIMENSIONS) return Uint8Array.from(values);
  throw wrong(
    read,
    `inputs is a ${values.constructor.name}, which holds the pixels of pictures, but a sample is [${shape.join(', ')}]`,
    'Give a Float32Array or Int32Array, or the inputShape [height, width, channels].',
  );
}

/**
 * The targets of a range: class numbers, or float32 values.
 *
 * @throws LockstepError `data-invalid`
 */
export function targetValues(
  given: unknown,
  target: Target,
  read: ReadCall,
): Int32Array | Float32Array {
  if ('values' in target) {
    return finiteValues(
      numbersOf(given, 'targets', target.values, read),
      'targets',
      target.values,
      read,
    );
  }
  const { classes } = target;
  const labels = numbersOf(given, 'targets', 1, read);
  const outside = labels.findIndex(
    (label) => !Number.isInteger(label) || label < 0 || label >= classes,
  );
  if (outside < 0) return Int32Array.from(labels);
  throw wrong(
    read,
    `the class of sample ${read.from + outside} is ${labels[outside]}, expected a whole number from 0 to ${classes - 1}`,
    'Number the classes from 0, or give `target: { classes }` their number.',
  );
}

/** Checks type and length. */
function numbersOf(
  given: unknown,
  name: 'inputs' | 'targets',
  perSample: number,
  read: ReadCall,
): NumberArray {
  if (!isNumberArray(given)) {
    const found = given instanceof Object ? `of type ${given.constructor.name}` : String(given);
    const remedy = Array.isArray(given) ? 'Convert it: `Float32Array.from(…)`.' : undefined;
    throw wrong(read, `${name} is ${found}, expected a typed array such as Float32Array`, remedy);
  }
  const expected = read.sampleCount * perSample;
  if (given.length === expected) return given;
  throw wrong(
    read,
    `${name} has ${given.length} values, expected ${expected}: ${perSample} for each of ${read.sampleCount} samples`,
  );
}

function isNumberArray(value: unknown): value is NumberArray {
  return TYPED_ARRAYS.some((type) => value instanceof type);
}

function finiteValues(
  given: NumberArray,
  name: 'inputs' | 'targets',
  perSample: number,
  read: ReadCall,
): Float32Array {
  const values = Float32Array.from(given);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return values;
  const sample = read.from + Math.floor(at / perSample);
  throw wrong(
    read,
    `value ${at % perSample} of the ${name} of sample ${sample} is ${given[at]}`,
    'Every value must be finite, as a float32: leave such samples out, or replace the value.',
  );
}

/** The error for a call of `read` that gives no samples of the definition. */
export function wrong(
  { file, call }: ReadCall,
  found: string,
  remedy?: string,
  cause?: unknown,
): LockstepError {
  return dataInvalid(file, `${call}: ${found}`, { ...(remedy !== undefined && { remedy }), cause });
}
