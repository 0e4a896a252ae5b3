import { createHash, type Hash } from 'node:crypto';
import type { Sections } from './gradient.js';

/** A shard's totals beside the gradient: sums over its samples. */
export interface ShardTotals {
  readonly sampleCount: number;
  /** Sum of the samples' cross-entropy, in nats. */
  readonly lossSum: number;
  /** Samples classified right in the training pass, with dropout. */
  readonly correctCount: number;
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
  /** SHA-256 of the factored section, hex. */
  readonly factoredSha256: string;
  /** `contributionHash` of the totals and the payload, hex. */
  readonly sha256: string;
}

/** A gradient's sections as wire bytes. */
export type GradientBytes = Sections<Uint8Array<ArrayBuffer>>;

/**
 * SHA-256 (hex) over the wire bytes of the factored section, those of the dense one and then the
 * totals (32 bytes, little-endian): in the order in which a worker comes to know them.
 */
export function contributionHash(totals: ShardTotals, payload: GradientBytes): string {
  const hash = createHash('sha256').update(payload.factored).update(payload.dense);
  return finishContributionHash(hash, totals);
}

/** @param hash is updated with both sections' bytes only */
export function finishContributionHash(hash: Hash, totals: ShardTotals): string {
  const tail = Buffer.alloc(32);
  tail.writeUInt32LE(totals.sampleCount, 0);
  tail.writeUInt32LE(totals.correctCount, 4);
  tail.writeInt32LE(totals.cleanCorrectCount ?? -1, 8);
  // A NaN's sign and payload do not survive the wire: all NaNs are one.
  tail.writeDoubleLE(Number.isNaN(totals.lossSum) ? 0 : totals.lossSum, 16);
  if (Number.isNaN(totals.lossSum)) tail.writeUInt32LE(1, 24);
  return hash.update(tail).digest('hex');
}
