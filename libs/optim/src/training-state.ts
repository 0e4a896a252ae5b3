import { createHash } from 'node:crypto';
import { LockstepError, sizeOf, stateByteLength, type StateLayout } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';

/** All that one step hands to the next. */
export interface TrainingState {
  /** Number of the last step applied, 0 before the first. */
  readonly version: number;
  /** One per parameter, of its shape. */
  readonly weights: readonly tf.Tensor[];
  /** One per parameter with momentum, none without. */
  readonly velocity: readonly tf.Tensor[];
}

/** Version 0: the initial weights, and a velocity of 0 where there is momentum. */
export function initialState(
  { parameters, optimizer }: StateLayout,
  weights: readonly Float32Array[],
): TrainingState {
  return {
    version: 0,
    weights: parameters.map(({ shape }, i) => tf.tensor(weights[i], [...shape], 'float32')),
    velocity: optimizer.momentum === 0 ? [] : parameters.map(({ shape }) => tf.zeros([...shape])),
  };
}

/** Frees a state's tensors. */
export function disposeState({ weights, velocity }: TrainingState): void {
  tf.dispose([...weights, ...velocity]);
}

/** Weights, then velocity, as float32 in parameter order (little-endian on every supported machine). */
export function stateToBytes({ weights, velocity }: TrainingState): Uint8Array {
  const tensors = [...weights, ...velocity];
  const values = new Float32Array(tensors.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  for (const tensor of tensors) {
    values.set(tensor.dataSync(), offset);
    offset += tensor.size;
  }
  return new Uint8Array(values.buffer);
}

/**
 * The state that `stateToBytes` wrote.
 *
 * @throws LockstepError `run-damaged` when the number of bytes is wrong
 */
export function stateFromBytes(
  layout: StateLayout,
  version: number,
  bytes: Uint8Array,
): TrainingState {
  const expected = stateByteLength(layout);
  if (bytes.byteLength !== expected) {
    throw new LockstepError(
      'run-damaged',
      `a state of this model has ${expected} bytes, not ${bytes.byteLength}`,
    );
  }
  const values = floatsOf(bytes);
  let offset = 0;
  const take = (): tf.Tensor[] =>
    layout.parameters.map(({ shape }) =>
      tf.tensor(values.subarray(offset, (offset += sizeOf(shape))), [...shape], 'float32'),
    );
  return { version, weights: take(), velocity: layout.optimizer.momentum === 0 ? [] : take() };
}

/** A view, or a copy where the bytes are not aligned to 4. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** SHA-256 (hex) of all weights as little-endian float32, in parameter order. */
export function weightsSha256(weights: readonly (tf.Tensor | Float32Array)[]): string {
  const hash = createHash('sha256');
  for (const weight of weights) {
    const values = weight instanceof Float32Array ? weight : weight.dataSync<'float32'>();
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
