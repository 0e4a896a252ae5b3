import { decodeGradient, encodeGradient, type WireFormat } from '@lockstep/core';
import { sumInOrder } from './reduce-in-order.js';

/**
 * Sums a step's dense sections, as they travel.
 *
 * @param sections wire bytes, one per shard, in shard order; at least one
 * @param length values of each
 * @returns wire bytes, as a `StepUpdate` has them: in f32 whatever the wire
 * @throws LockstepError `protocol-violation` where bytes are not those of so many values
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
