/** How a parameter's gradient travels and is reduced; fixed by the RunSpec. */
export type GradientKind = 'dense' | 'factored';

/** One trainable parameter of a model. */
export interface ParameterSpec {
  /** Unique within the model, for example `fc1/weights`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** `factored` only for a dense layer's [inputs, outputs] weights. */
  readonly gradient: GradientKind;
}

/** A gradient in full: one float per element of the parameter, row-major. */
export interface DenseGradient {
  readonly kind: 'dense';
  /** prod(shape) values */
  readonly values: Float32Array;
}

/**
 * A dense layer's weight gradient as its two exact factors; the gradient is inputsᵀ · deltas.
 * Smaller than the full form while rows · (in + out) < in · out.
 */
export interface FactoredGradient {
  readonly kind: 'factored';
  readonly rows: number;
  /** [rows, in], row-major: what the layer was given */
  readonly inputs: Float32Array;
  /** [rows, out], row-major: d loss / d output */
  readonly deltas: Float32Array;
}

export type GradientEntry = DenseGradient | FactoredGradient;

/** One entry per parameter, in the model's parameter order; a sum over samples, not a mean. */
export type Gradient = readonly GradientEntry[];

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Number of float32 values a gradient over `rows` samples takes in a payload. */
export function gradientLength(parameters: readonly ParameterSpec[], rows: number): number {
  return parameters.reduce((sum, parameter) => sum + entryLength(parameter, rows), 0);
}

/** Total number of trainable values. */
export function parameterCount(parameters: readonly ParameterSpec[]): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * Views a payload as a gradient, without copying: entries follow each other in parameter order,
 * a factored one as its inputs and then its deltas.
 *
 * @param payload exactly `gradientLength(parameters, rows)` values
 * @throws RangeError when the length differs
 */
export function viewGradient(
  payload: Float32Array,
  parameters: readonly ParameterSpec[],
  rows: number,
): Gradient {
  const expected = gradientLength(parameters, rows);
  if (payload.length !== expected) {
    throw new RangeError(
      `a gradient of ${rows} rows has ${expected} values, not ${payload.length}`,
    );
  }
  let offset = 0;
  const take = (length: number): Float32Array => payload.subarray(offset, (offset += length));
  return parameters.map((parameter): GradientEntry => {
    if (parameter.gradient === 'dense') {
      return { kind: 'dense', values: take(sizeOf(parameter.shape)) };
    }
    const [inputSize, outputSize] = matrixShape(parameter);
    const inputs = take(rows * inputSize);
    return { kind: 'factored', rows, inputs, deltas: take(rows * outputSize) };
  });
}

function entryLength(parameter: ParameterSpec, rows: number): number {
  if (parameter.gradient === 'dense') return sizeOf(parameter.shape);
  const [inputSize, outputSize] = matrixShape(parameter);
  return rows * (inputSize + outputSize);
}

function matrixShape({ name, shape }: ParameterSpec): [number, number] {
  const [inputSize, outputSize] = shape;
  if (shape.length !== 2 || inputSize === undefined || outputSize === undefined) {
    throw new RangeError(`parameter ${name} is factored, so its shape must be [in, out]`);
  }
  return [inputSize, outputSize];
}

/**
 * Lays a gradient out as `viewGradient` reads it.
 */
export function packGradient(gradient: Gradient): Float32Array {
  const parts = gradient.flatMap((entry) =>
    entry.kind === 'dense' ? [entry.values] : [entry.inputs, entry.deltas],
  );
  const packed = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    packed.set(part, offset);
    offset += part.length;
  }
  return packed;
}
