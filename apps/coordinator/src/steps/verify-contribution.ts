import {
  allFinite,
  correctCountIn,
  keptValues,
  LockstepError,
  mostGradientBytes,
  sectionLengths,
  type Contribution,
  type GradientBytes,
  type PayloadCheck,
  type RunSpec,
  type Shard,
  type WireFormat,
} from '@lockstep/core';
import { metricWidth } from '@lockstep/model/objective';
import type { ContributionHeader, Receipt } from '@lockstep/protocol';

/** Most bytes of a gradient over this many samples, as it is transmitted. */
export function mostPayloadBytes({ model, wire }: RunSpec, sampleCount: number): number {
  const { factored, dense } = sectionLengths(model.parameters, sampleCount);
  return mostGradientBytes(factored, wire) + mostGradientBytes(dense, wire);
}

/**
 * Verifies a contribution: the number of values in each section, the numbers of samples, all and
 * correct ones, and that every number is finite. The protocol has verified its hash.
 */
export function verifyContribution(
  spec: RunSpec,
  shard: Shard,
  contribution: Pick<
    ContributionHeader,
    'sampleCount' | 'metricSums' | 'cleanCorrectCount' | 'lossSum' | 'wire'
  >,
  payload: GradientBytes,
): PayloadCheck {
  const { sampleCount } = shard;
  if (contribution.wire !== spec.wire || contribution.sampleCount !== sampleCount) {
    return 'wrong-shape';
  }
  const { metricSums, cleanCorrectCount = 0 } = contribution;
  if (metricSums.length !== metricWidth(spec.model.metrics, spec.data.target)) return 'wrong-shape';
  const correctCount = correctCountIn(spec.model, metricSums) ?? 0;
  if (correctCount > sampleCount || cleanCorrectCount > sampleCount) return 'wrong-shape';
  const lengths = sectionLengths(spec.model.parameters, sampleCount);
  const factored = valuesOf(payload.factored, lengths.factored, spec.wire);
  const dense = valuesOf(payload.dense, lengths.dense, spec.wire);
  if (factored === undefined || dense === undefined) return 'wrong-shape';
  const sumsAreFinite = [contribution.lossSum, ...metricSums].every(Number.isFinite);
  return sumsAreFinite && allFinite(factored) && allFinite(dense) ? 'ok' : 'not-finite';
}

/** A contribution as the run keeps it. */
export function contributionFrom(
  workerId: string,
  header: ContributionHeader,
  payload: GradientBytes,
  { factoredSha256 }: Receipt,
): Contribution {
  const { runId, shard, sampleCount, lossSum, metricSums, cleanCorrectCount, sha256 } = header;
  const { term, step, index, attempt } = shard;
  return {
    ...{ runId, term, step, index, attempt, workerId, payload, sha256 },
    ...{ sampleCount, lossSum, metricSums, factoredSha256 },
    ...(cleanCorrectCount === undefined ? {} : { cleanCorrectCount }),
  };
}

/** The values that are not zero; undefined if the bytes are not a section of `count` values. */
function valuesOf(bytes: Uint8Array, count: number, wire: WireFormat): Float32Array | undefined {
  try {
    return keptValues(bytes, count, wire);
  } catch (error) {
    if (LockstepError.from(error).code === 'protocol-violation') return undefined;
    throw error;
  }
}
