import {
  allFinite,
  keptValues,
  LockstepError,
  mostGradientBytes,
  sectionLengths,
  type GradientBytes,
  type MachineEvent,
  type RunSpec,
  type Shard,
  type WireFormat,
} from '@lockstep/core';

type Check = Extract<MachineEvent, { type: 'contributed' }>['check'];

/** Most bytes that a gradient of so many samples takes on the wire. */
export function mostPayloadBytes({ model, wire }: RunSpec, sampleCount: number): number {
  const { factored, dense } = sectionLengths(model.parameters, sampleCount);
  return mostGradientBytes(factored, wire) + mostGradientBytes(dense, wire);
}

/**
 * Looks at a contribution's bytes: as many values as the shard's gradient has in each section, over as many samples, and
 * every number finite. Its hash has been checked by the protocol.
 */
export function checkContribution(
  spec: RunSpec,
  shard: Shard,
  contribution: { readonly sampleCount: number; readonly lossSum: number; readonly wire: string },
  payload: GradientBytes,
): Check {
  const { sampleCount } = shard;
  if (contribution.wire !== spec.wire || contribution.sampleCount !== sampleCount) {
    return 'wrong-shape';
  }
  const lengths = sectionLengths(spec.model.parameters, sampleCount);
  const factored = valuesOf(payload.factored, lengths.factored, spec.wire);
  const dense = valuesOf(payload.dense, lengths.dense, spec.wire);
  if (factored === undefined || dense === undefined) return 'wrong-shape';
  const finite = Number.isFinite(contribution.lossSum) && allFinite(factored) && allFinite(dense);
  return finite ? 'ok' : 'not-finite';
}

/** Those that are not zero; undefined where the bytes are no section of so many values. */
function valuesOf(bytes: Uint8Array, count: number, wire: WireFormat): Float32Array | undefined {
  try {
    return keptValues(bytes, count, wire);
  } catch (error) {
    if (LockstepError.from(error).code === 'protocol-violation') return undefined;
    throw error;
  }
}
