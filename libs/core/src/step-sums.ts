import {
  movingBuffers,
  sectionLengths,
  sizeOf,
  viewGradient,
  type Gradient,
  type ModelTensors,
  type Sections,
} from './gradient.js';

/** Sums over the samples of a step. */
export interface StepSums {
  readonly gradient: Gradient;
  /** One array per buffer that steps change: the sum of its changes, each times the samples of its shard. */
  readonly bufferChanges: readonly Float32Array[];
}

/**
 * Views sections as the sums of a step, without copying.
 *
 * @param sections of exactly `sectionLengths(model, rows)` values
 * @throws RangeError when a length differs
 */
export function viewSums(
  { factored, dense }: Sections<Float32Array>,
  { parameters, ...model }: ModelTensors,
  rows: number,
): StepSums {
  const buffers = movingBuffers(model);
  let end = sectionLengths({ parameters }, 0).dense;
  const own = { factored, dense: buffers.length === 0 ? dense : dense.subarray(0, end) };
  const gradient = viewGradient(own, parameters, rows);
  const bufferChanges = buffers.map(({ shape }) => dense.subarray(end, (end += sizeOf(shape))));
  if (buffers.length === 0 || end === dense.length) return { gradient, bufferChanges };
  throw new RangeError(`a dense section of ${end} values has ${dense.length}`);
}

/**
 * The dense section of a shard: its gradients, then for each buffer (after − before) · samples. The
 * sum over a step's shards divided by the batch is the change of the mean weighted by samples; a
 * change loses less than a value would where the wire format rounds to bf16.
 *
 * @param dense the gradients; returned where there are no buffers
 * @param before the buffers at the step's version
 * @param after the first of them, those that steps change, as the shard left them
 */
export function appendBufferChanges(
  dense: Float32Array,
  before: readonly Float32Array[],
  after: readonly Float32Array[],
  sampleCount: number,
): Float32Array {
  if (after.length === 0) return dense;
  const length = after.reduce((sum, values) => sum + values.length, dense.length);
  const section = new Float32Array(length);
  section.set(dense);
  let at = dense.length;
  after.forEach((values, index) => {
    values.forEach((value, i) => (section[at++] = (value - before[index][i]) * sampleCount));
  });
  return section;
}
