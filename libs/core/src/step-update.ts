/**
 * A step's reduced gradient as it travels. Factored sections are only stacked, so each stays as the
 * worker sent it; the dense ones are summed.
 */
export interface StepUpdate {
  /** In shard order. */
  readonly shards: readonly ShardFactors[];
  /** The sum of the dense sections, in shard order, as `encodeGradient` writes it in f32. */
  readonly dense: Uint8Array;
}

/** What a shard adds to an update. */
export interface ShardFactors {
  readonly sampleCount: number;
  /** Its factored section, in the wire format of the run; no bytes where nothing is factored. */
  readonly factored: Uint8Array;
  /** SHA-256 of that, hex. */
  readonly factoredSha256: string;
}

/** Bytes of an update, all in all. */
export function updateBytes({ shards, dense }: StepUpdate): number {
  return shards.reduce((sum, { factored }) => sum + factored.length, dense.length);
}
