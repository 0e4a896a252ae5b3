import { createHash } from 'node:crypto';
import { sectionRoot } from './chunk-hash.js';
import type { Sections } from './gradient.js';

/** A shard's totals beside the gradient: sums over its samples. */
export interface ShardTotals {
  readonly sampleCount: number;
  /** Sum of the samples' losses. */
  readonly lossSum: number;
  /**
   * The sums of each of the model's metrics, one metric after another, in the training pass, with
   * dropout. Accuracy has one: the number of samples classified correctly.
   */
  readonly metricSums: readonly number[];
  /** Samples classified right without dropout, before the update; only where asked for. */
  readonly cleanCorrectCount?: number;
}

/** A worker's result for a shard, as the coordinator receives it. */
export interface Contribution extends ShardTotals {
  readonly runId: string;
  readonly term: number;
  readonly step: number;
  readonly index: number;
  readonly attempt: number;
  readonly workerId: string;
  /** The gradient's sections by `encodeGradient`. */
  readonly payload: GradientBytes;
  /** SHA-256 of the factored section's wire bytes, hex: its name in updates. */
  readonly factoredSha256: string;
  /** `contributionHash`, hex. */
  readonly sha256: string;
}

/** A gradient's sections as wire bytes. */
export type GradientBytes = Sections<Uint8Array<ArrayBuffer>>;

/** The Merkle roots of a gradient's sections, hex. */
export function sectionRoots({ factored, dense }: Sections<Float32Array>): Sections<string> {
  return { factored: sectionRoot(factored), dense: sectionRoot(dense) };
}

/**
 * SHA-256 (hex) over the totals, the root of the factored section and that of the dense one. It depends
 * on values only: a contribution has one hash, however its bytes were packed and cut for transport.
 */
export function contributionHash(totals: ShardTotals, roots: Sections<string>): string {
  return createHash('sha256')
    .update(totalsBytes(totals))
    .update(roots.factored, 'hex')
    .update(roots.dense, 'hex')
    .digest('hex');
}

const TOTALS_HEAD_BYTES = 12;
const DOUBLE_BYTES = 8;
const QUIET_NAN = 0x7ff8_0000_0000_0000n;

/**
 * The totals as canonical bytes, little-endian: number of samples, number classified correctly without
 * dropout (−1 if absent) and number of metric sums, 4 bytes each; then the loss sum and the metric
 * sums, 8 bytes each.
 */
function totalsBytes(totals: ShardTotals): Buffer {
  const sums = [totals.lossSum, ...totals.metricSums];
  const bytes = Buffer.alloc(TOTALS_HEAD_BYTES + sums.length * DOUBLE_BYTES);
  bytes.writeUInt32LE(totals.sampleCount, 0);
  bytes.writeInt32LE(totals.cleanCorrectCount ?? -1, 4);
  bytes.writeUInt32LE(totals.metricSums.length, 8);
  sums.forEach((sum, i) => {
    const at = TOTALS_HEAD_BYTES + i * DOUBLE_BYTES;
    // The wire keeps neither a NaN's payload nor the sign of 0.
    if (Number.isNaN(sum)) bytes.writeBigUInt64LE(QUIET_NAN, at);
    else bytes.writeDoubleLE(sum + 0, at);
  });
  return bytes;
}
