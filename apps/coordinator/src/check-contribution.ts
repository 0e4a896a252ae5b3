import {
  allFinite,
  bytesPerValue,
  decodeTensor,
  gradientLength,
  type HeartEvent,
  type RunSpec,
  type Shard,
} from '@lockstep/core';

type Check = Extract<HeartEvent, { type: 'answered' }>['check'];

/** Bytes that a shard's gradient takes on the wire. */
export function payloadBytes(spec: RunSpec, sampleCount: number): number {
  return gradientLength(spec.model.parameters, sampleCount) * bytesPerValue[spec.wire];
}

/**
 * Looks at a contribution's bytes: as long as the shard's gradient, over as many samples, and every
 * number finite. Its hash has been checked by the protocol.
 */
export function checkContribution(
  spec: RunSpec,
  shard: Shard,
  contribution: { readonly sampleCount: number; readonly lossSum: number; readonly wire: string },
  payload: Uint8Array,
): Check {
  const shapeFits =
    contribution.wire === spec.wire &&
    contribution.sampleCount === shard.sampleCount &&
    payload.byteLength === payloadBytes(spec, shard.sampleCount);
  if (!shapeFits) return 'wrong-shape';
  const finite =
    Number.isFinite(contribution.lossSum) && allFinite(decodeTensor(payload, spec.wire));
  return finite ? 'ok' : 'not-finite';
}
