import {
  decodeGradient,
  encodeGradient,
  foldTree,
  LockstepError,
  type WireFormat,
} from '@lockstep/core';

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
    sumSections(sections.map((bytes) => decodeGradient(bytes, length, wire))),
    'f32',
  );
}

/**
 * The dense section of a step: the shards' summed in float32 by `foldTree`.
 *
 * @param sections in shard order; not changed, and returned if there is only one
 * @throws LockstepError `internal` when there are none or they differ in length
 */
export function sumSections(sections: readonly Float32Array[]): Float32Array {
  const [first] = sections;
  if (first === undefined) throw mismatch('there is nothing to reduce');
  if (sections.some(({ length }) => length !== first.length)) {
    throw mismatch('dense sections differ in length');
  }
  return foldTree(sections, (left, right, leftIsLeaf) => {
    const sum = leftIsLeaf ? new Float32Array(left.length) : left;
    for (let i = 0; i < sum.length; i++) sum[i] = left[i] + right[i];
    return sum;
  });
}

/** Gradients of unequal form reached the reduce: a defect. */
export const mismatch = (what: string, cause?: unknown): LockstepError =>
  new LockstepError('internal', `gradients cannot be reduced: ${what}`, { cause });
