/** The form in which a parameter's gradient is sent and reduced; fixed by the RunSpec. */
export type GradientKind = 'dense' | 'factored';

/** One trainable parameter of a model. */
export interface ParameterSpec {
  /** Unique within the model, for example `fc1/weights`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** `factored` only for a dense layer's [inputs, outputs] weights. */
  readonly gradient: GradientKind;
}

/** State of a model that is not trained, such as running statistics. */
export interface BufferSpec {
  /** Unique among the model's buffers and parameters. */
  readonly name: string;
  readonly shape: readonly number[];
  /** A weight of a frozen layer, which no step changes; these come after the other buffers. */
  readonly frozen?: true;
}

/** The buffers that steps change; contributions and updates have nothing of the others. */
export function movingBuffers({ buffers = [] }: Pick<ModelTensors, 'buffers'>): BufferSpec[] {
  return buffers.filter(({ frozen }) => !frozen);
}

/** The tensors of a model, each kind in the model's own order. */
export interface ModelTensors {
  readonly parameters: readonly ParameterSpec[];
  /** Absent for a model without any. */
  readonly buffers?: readonly BufferSpec[];
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
  /** [rows, in], row-major: the layer's input */
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

/**
 * The two sections in which a shard's values are sent, each in parameter order. Factored entries are
 * stacked and never summed, so their section can be sent before the rest is computed; dense ones are
 * summed over a step's shards, and so are the changes of buffers.
 */
export interface Sections<Values> {
  /** Each factored entry's inputs and then its deltas. */
  readonly factored: Values;
  /** Each dense entry's values, then each buffer's change, see `appendBufferChanges`. */
  readonly dense: Values;
}

/** Number of float32 values in the sections of a shard of `rows` samples. */
export function sectionLengths(
  { parameters, buffers = [] }: ModelTensors,
  rows: number,
): Sections<number> {
  const lengths = { factored: 0, dense: valueCount(movingBuffers({ buffers })) };
  for (const parameter of parameters) {
    if (parameter.gradient === 'dense') lengths.dense += sizeOf(parameter.shape);
    else lengths.factored += rows * matrixShape(parameter).reduce((a, b) => a + b);
  }
  return lengths;
}

/** Total number of trainable values. */
export function parameterCount(parameters: readonly ParameterSpec[]): number {
  return valueCount(parameters);
}

function valueCount(tensors: readonly { readonly shape: readonly number[] }[]): number {
  return tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * Views sections as a gradient, without copying.
 *
 * @param sections of exactly `sectionLengths({ parameters }, rows)` values
 * @throws RangeError when a length differs
 */
export function viewGradient(
  sections: Sections<Float32Array>,
  parameters: readonly ParameterSpec[],
  rows: number,
): Gradient {
  const expected = sectionLengths({ parameters }, rows);
  for (const name of ['factored', 'dense'] as const) {
    const { length } = sections[name];
    if (length === expected[name]) continue;
    const what = `a gradient of ${rows} rows has ${expected[name]} ${name} values, not ${length}`;
    throw new RangeError(what);
  }
  const offsets = { factored: 0, dense: 0 };
  const take = (name: keyof typeof offsets, length: number): Float32Array => {
    offsets[name] += length;
    return sections[name].subarray(offsets[name] - length, offsets[name]);
  };
  return parameters.map((parameter): GradientEntry => {
    if (parameter.gradient === 'dense') {
      return { kind: 'dense', values: take('dense', sizeOf(parameter.shape)) };
    }
    const [inputSize, outputSize] = matrixShape(parameter);
    const inputs = take('factored', rows * inputSize);
    return { kind: 'factored', rows, inputs, deltas: take('factored', rows * outputSize) };
  });
}

function matrixShape({ name, shape }: ParameterSpec): [number, number] {
  const [inputSize, outputSize] = shape;
  if (shape.length !== 2 || inputSize === undefined || outputSize === undefined) {
    throw new RangeError(`parameter ${name} is factored, so its shape must be [in, out]`);
  }
  return [inputSize, outputSize];
}

/** The order of a state's bytes: the weights, the buffers, then each slot in parameter order. */
export interface StateLayout extends ModelTensors {
  /** Names of the tensors that the optimizer keeps for each parameter. */
  readonly slots: readonly string[];
}

/** Number of bytes of a state. */
export function stateByteLength({ parameters, buffers = [], slots }: StateLayout): number {
  return 4 * (parameterCount(parameters) * (1 + slots.length) + valueCount(buffers));
}

/**
 * A step's reduced gradient as it is sent. Factored sections are only stacked, so each stays as the
 * worker sent it; the dense ones are summed.
 */
export interface StepUpdate {
  /** In shard order. */
  readonly shards: readonly ShardFactors[];
  /** The sum of the dense sections, by `foldTree`, as `encodeGradient` writes it in f32. */
  readonly dense: Uint8Array;
}

/** One shard's part of an update. */
export interface ShardFactors {
  readonly sampleCount: number;
  /** Its factored section, in the wire format of the run; no bytes where nothing is factored. */
  readonly factored: Uint8Array;
  /** SHA-256 of that, hex. */
  readonly factoredSha256: string;
}

/** Total bytes of an update. */
export function updateBytes({ shards, dense }: StepUpdate): number {
  return shards.reduce((sum, { factored }) => sum + factored.length, dense.length);
}
