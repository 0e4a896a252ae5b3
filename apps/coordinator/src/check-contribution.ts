import {
  allFinite,
  gradientLength,
  keptValues,
  LockstepError,
  mostGradientBytes,
  type HeartEvent,
  type RunSpec,
  type Shard,
} from '@lockstep/core';

type Check = Extract<HeartEvent, { type: 'answered' }>['check'];

/** Most bytes that a gradient of so many samples takes on the wire. */
export function mostPayloadBytes({ model, wire }: RunSpec, sampleCount: number): number {
  return mostGradientBytes(gradientLength(model.parameters, sampleCount), wire);
}

/**
 * Looks at a contribution's bytes: as many values as the shard's gradient, over as many samples, and
 * every number finite. Its hash has been checked by the protocol.
 */
export function checkContribution(
  spec: RunSpec,
  shard: Shard,
  contribution: { readonly sampleCount: number; readonly lossSum: number; readonly wire: string },
  payload: Uint8Array,
): Check {
  const { sampleCount } = shard;
  if (contribution.wire !== spec.wire || contribution.sampleCount !== sampleCount) {
    return 'wrong-shape';
  }
  const values = valuesOf(payload, spec, sampleCount);
  if (values === undefined) return 'wrong-shape';
  return Number.isFinite(contribution.lossSum) && allFinite(values) ? 'ok' : 'not-finite';
}

/** Those that are not zero; undefined where the bytes are no gradient of so many samples. */
function valuesOf(
  payload: Uint8Array,
  { model, wire }: RunSpec,
  sampleCount: number,
): Float32Array | undefined {
  try {
    return keptValues(payload, gradientLength(model.parameters, sampleCount), wire);
  } catch (error) {
    if (LockstepError.from(error).code === 'protocol-violation') return undefined;
    throw error;
  }
}
