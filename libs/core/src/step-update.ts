/**
 * A step's reduced gradient as it is sent. Factored sections are only stacked, so each stays as the
 * worker sent it; the dense ones are summed.
 */
export interface StepUpdate {
  /** In shard order. */
  readonly shards: readonly ShardFactors[];
  /** The sum of the dense sections, in shard order, as `encodeGradient` writes it in f32. */
  readonly dense: Uint8Array;
}

/** One shard's part of an update. */
export interface ShardFactors {
  readonly sampleCount: number;
  /** Its factored section, in the wire format of the run; no bytes where nothing is factored. */
  readonly factored: Uint8Array;
  /** SHA-256 of that, hex. */
  readonly factoredSha256: string;
}

/** Total bytes of an update. */
export function updateBytes({ shards, dense }: StepUpdate): number {
  return shards.reduce((sum, { factored }) => sum + factored.length, dense.length);
}
