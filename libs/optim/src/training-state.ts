import { createHash } from 'node:crypto';
import { LockstepError, sizeOf, stateByteLength, type StateLayout } from '@lockstep/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './optimizers/optimizer.js';

/** The slot that holds the moving average of the weights, after the optimizer's own. */
export const AVERAGE_SLOT = 'average';

/** Everything that one step passes to the next. */
export interface TrainingState {
  /** Number of the last step applied, 0 before the first. */
  readonly version: number;
  /** One per parameter, of its shape. */
  readonly weights: readonly Tensor[];
  /** One per buffer of the model, of its shape. */
  readonly buffers: readonly Tensor[];
  /** By slot name, in the layout's order: one tensor per parameter, of its shape. */
  readonly slots: Readonly<Record<string, readonly Tensor[]>>;
}

/**
 * Version 0: the initial weights and buffers, and slots of 0; the average of the weights is the weights.
 *
 * @param weights one array per parameter
 * @param bufferValues one array per buffer
 */
export function initialState(
  tf: TensorFlow,
  { parameters, buffers = [], slots }: StateLayout,
  weights: readonly Float32Array[],
  bufferValues: readonly Float32Array[] = [],
): TrainingState {
  const zeros = (): Tensor[] => parameters.map(({ shape }) => tf.zeros([...shape]));
  const initial = (): Tensor[] =>
    parameters.map(({ shape }, i) => tf.tensor(weights[i], [...shape], 'float32'));
  return {
    version: 0,
    weights: initial(),
    buffers: buffers.map(({ shape }, i) => tf.tensor(bufferValues[i], [...shape], 'float32')),
    slots: Object.fromEntries(
      slots.map((slot) => [slot, slot === AVERAGE_SLOT ? initial() : zeros()]),
    ),
  };
}

/** The state after a step that changes nothing; it shares no tensor with the one before. */
export function unchangedState({ version, weights, buffers, slots }: TrainingState): TrainingState {
  const copies = (tensors: readonly Tensor[]): Tensor[] => tensors.map((each) => each.clone());
  return {
    version: version + 1,
    weights: copies(weights),
    buffers: copies(buffers),
    slots: Object.fromEntries(Object.entries(slots).map(([slot, own]) => [slot, copies(own)])),
  };
}

/** Frees a state's tensors. */
export function disposeState(state: TrainingState): void {
  for (const tensor of tensorsOf(state)) tensor.dispose();
}

/**
 * Weights, buffers, then each slot, as float32 in the order of the layout (little-endian on every
 * supported machine).
 */
export function stateToBytes(state: TrainingState): Uint8Array {
  const tensors = tensorsOf(state);
  const values = new Float32Array(tensors.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  for (const tensor of tensors) {
    values.set(tensor.dataSync(), offset);
    offset += tensor.size;
  }
  return new Uint8Array(values.buffer);
}

/** The values of a state, without TensorFlow; each array is one tensor. */
export interface StateValues {
  readonly weights: readonly Float32Array[];
  readonly buffers: readonly Float32Array[];
  /** By slot name, in the layout's order. */
  readonly slots: Readonly<Record<string, readonly Float32Array[]>>;
}

/**
 * The values in the bytes that `stateToBytes` gives: views, or copies where the bytes are not aligned to 4.
 *
 * @throws LockstepError `run-damaged` when the number of bytes is wrong
 */
export function stateValues(layout: StateLayout, bytes: Uint8Array): StateValues {
  const expected = stateByteLength(layout);
  if (bytes.byteLength !== expected) {
    throw new LockstepError(
      'run-damaged',
      `a state of this model has ${expected} bytes, not ${bytes.byteLength}`,
    );
  }
  const values = floatsOf(bytes);
  let offset = 0;
  const { parameters, buffers = [], slots } = layout;
  const take = (tensors: readonly { readonly shape: readonly number[] }[]): Float32Array[] =>
    tensors.map(({ shape }) => values.subarray(offset, (offset += sizeOf(shape))));
  return {
    weights: take(parameters),
    buffers: take(buffers),
    slots: Object.fromEntries(slots.map((slot) => [slot, take(parameters)])),
  };
}

/**
 * The inverse of `stateToBytes`.
 *
 * @throws LockstepError `run-damaged` when the number of bytes is wrong
 */
export function stateFromBytes(
  tf: TensorFlow,
  layout: StateLayout,
  version: number,
  bytes: Uint8Array,
): TrainingState {
  const { parameters, buffers = [] } = layout;
  const values = stateValues(layout, bytes);
  const tensors = (
    arrays: readonly Float32Array[],
    specs: readonly { readonly shape: readonly number[] }[],
  ): Tensor[] => arrays.map((each, i) => tf.tensor(each, [...specs[i].shape], 'float32'));
  return {
    version,
    weights: tensors(values.weights, parameters),
    buffers: tensors(values.buffers, buffers),
    slots: Object.fromEntries(
      Object.entries(values.slots).map(([slot, own]) => [slot, tensors(own, parameters)]),
    ),
  };
}

function tensorsOf({ weights, buffers, slots }: TrainingState): readonly Tensor[] {
  return [...weights, ...buffers, ...Object.values(slots).flat()];
}

/** A view, or a copy where the bytes are not aligned to 4. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** SHA-256 (hex) of all weights as little-endian float32, in parameter order. */
export function weightsSha256(weights: readonly (Tensor | Float32Array)[]): string {
  const hash = createHash('sha256');
  for (const weight of weights) {
    const values = weight instanceof Float32Array ? weight : weight.dataSync<'float32'>();
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
