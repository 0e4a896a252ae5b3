import { createHash, type Hash } from 'node:crypto';

/** What a worker says of one shard beside the gradient: sums over the shard's samples. */
export interface ShardTotals {
  readonly sampleCount: number;
  /** Sum of the samples' cross-entropy, in nats. */
  readonly lossSum: number;
  /** Samples classified right in the training pass, with dropout. */
  readonly correctCount: number;
  /** Samples classified right without dropout, before the update; only where asked for. */
  readonly cleanCorrectCount?: number;
}

/** A worker's answer to a shard, as it arrives at the coordinator. */
export interface Contribution extends ShardTotals {
  readonly runId: string;
  readonly term: number;
  readonly step: number;
  readonly index: number;
  readonly attempt: number;
  readonly workerId: string;
  /** The gradient by `encodeGradient`, laid out as `viewGradient` says. */
  readonly payload: Uint8Array;
  /** `contributionHash` of the totals and the payload, hex. */
  readonly sha256: string;
}

/** SHA-256 (hex) over the totals (32 bytes, little-endian) and then the payload's wire bytes. */
export function contributionHash(totals: ShardTotals, payload: Uint8Array): string {
  return contributionHasher(totals).update(payload).digest('hex');
}

/** `contributionHash` for a payload that comes in pieces: what is still to be added are its bytes. */
export function contributionHasher(totals: ShardTotals): Hash {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(totals.sampleCount, 0);
  head.writeUInt32LE(totals.correctCount, 4);
  head.writeInt32LE(totals.cleanCorrectCount ?? -1, 8);
  // A NaN's sign and payload do not survive the wire: all NaNs are one.
  head.writeDoubleLE(Number.isNaN(totals.lossSum) ? 0 : totals.lossSum, 16);
  if (Number.isNaN(totals.lossSum)) head.writeUInt32LE(1, 24);
  return createHash('sha256').update(head);
}
