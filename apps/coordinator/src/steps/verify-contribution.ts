import {
  allFinite,
  contributionHash,
  correctCountIn,
  decodeGradient,
  LockstepError,
  mostGradientBytes,
  sectionLengths,
  sectionRoots,
  type Contribution,
  type GradientBytes,
  type PayloadCheck,
  type RunSpec,
  type Shard,
  type ShardTotals,
  type WireFormat,
} from '@lockstep/core';
import { metricWidth } from '@lockstep/model/objective';
import type { ContributionHeader, Receipt } from '@lockstep/protocol';

/** Most bytes of a gradient over this many samples, as it is transmitted. */
export function mostPayloadBytes({ model, wire }: RunSpec, sampleCount: number): number {
  const { factored, dense } = sectionLengths(model, sampleCount);
  return mostGradientBytes(factored, wire) + mostGradientBytes(dense, wire);
}

/**
 * Verifies a contribution: the number of values in each section, the numbers of samples, all and
 * correct ones, the hash, and, unless the run skips such steps, that every number is finite.
 */
export function verifyContribution(
  spec: RunSpec,
  { sampleCount }: Pick<Shard, 'sampleCount'>,
  contribution: Pick<ContributionHeader, keyof ShardTotals | 'wire' | 'sha256'>,
  payload: GradientBytes,
): PayloadCheck {
  const { wire, shardSize } = spec;
  if (contribution.wire !== wire || contribution.sampleCount !== sampleCount) return 'wrong-shape';
  if (sampleCount > shardSize) return 'wrong-shape';
  const { metricSums, cleanCorrectCount = 0 } = contribution;
  if (metricSums.length !== metricWidth(spec.model.metrics, spec.data.target)) return 'wrong-shape';
  const correctCount = correctCountIn(spec.model, metricSums) ?? 0;
  if (correctCount > sampleCount || cleanCorrectCount > sampleCount) return 'wrong-shape';
  const lengths = sectionLengths(spec.model, sampleCount);
  const factored = valuesOf(payload.factored, lengths.factored, wire);
  const dense = valuesOf(payload.dense, lengths.dense, wire);
  if (factored === undefined || dense === undefined) return 'wrong-shape';
  const roots = sectionRoots({ factored, dense });
  if (contributionHash(contribution, roots) !== contribution.sha256) return 'wrong-hash';
  const sumsAreFinite = [contribution.lossSum, ...metricSums].every(Number.isFinite);
  const isFinite = sumsAreFinite && allFinite(factored) && allFinite(dense);
  // Where such a step is skipped, the contribution counts like any other.
  return isFinite || spec.onNonfinite === 'skip' ? 'ok' : 'not-finite';
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

/** The values of a section; undefined if the bytes are not a section of `count` values. */
function valuesOf(bytes: Uint8Array, count: number, wire: WireFormat): Float32Array | undefined {
  try {
    return decodeGradient(bytes, count, wire);
  } catch (error) {
    if (LockstepError.from(error).code === 'protocol-violation') return undefined;
    throw error;
  }
}
