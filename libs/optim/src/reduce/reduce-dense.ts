import { decodeGradient, encodeGradient, LockstepError, type WireFormat } from '@lockstep/core';

/**
 * Sums a step's encoded dense sections.
 *
 * @param sections wire bytes, one per shard, in shard order; at least one
 * @param length values of each
 * @returns the sum as a `StepUpdate` holds it, in f32 for every wire format
 * @throws LockstepError `protocol-violation` where bytes do not encode `length` values
 */
export function reduceDense(
  sections: readonly Uint8Array[],
  length: number,
  wire: WireFormat,
): Uint8Array<ArrayBuffer> {
  return encodeGradient(
    sumInOrder(sections.map((bytes) => decodeGradient(bytes, length, wire))),
    'f32',
  );
}

/**
 * The dense section of a step: a left fold of the shards' in float32.
 *
 * @throws LockstepError `internal` when there are none or they differ in length
 */
export function sumInOrder(sections: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const [first, ...rest] = sections;
  if (first === undefined) throw mismatch('there is nothing to reduce');
  const sum = Float32Array.from(first);
  for (const values of rest) {
    if (values.length !== sum.length) throw mismatch('dense sections differ in length');
    for (let i = 0; i < sum.length; i++) sum[i] += values[i];
  }
  return sum;
}

/** Gradients of unequal form reached the reduce: a defect. */
export const mismatch = (what: string, cause?: unknown): LockstepError =>
  new LockstepError('internal', `gradients cannot be reduced: ${what}`, { cause });
