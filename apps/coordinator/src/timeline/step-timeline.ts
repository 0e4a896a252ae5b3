import type { ShardTimings } from '@lockstep/protocol';

/** How one shard of a step was answered. Moments are milliseconds since the step was opened. */
export interface ShardTimeline {
  readonly index: number;
  readonly worker: string;
  readonly attempt: number;
  /** The worker asked for leave to compute it. */
  readonly takenAt: number;
  /** The last byte of its answer was there. */
  readonly receivedAt: number;
  /** The step machine had judged it. */
  readonly judgedAt: number;
  /** Checking the answer's hash. */
  readonly hashMs: number;
  /** Checking its length and that its numbers are finite. */
  readonly checkMs: number;
  readonly payloadBytes: number;
  /** Durations measured by the worker. */
  readonly timings: ShardTimings;
}

/** Where a step's time went, by the coordinator's clock. Moments as in `ShardTimeline`. */
export interface StepTimeline {
  readonly step: number;
  /** When it was opened, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** Its ledger line was written. */
  readonly recordedAt: number;
  readonly reducedAt: number;
  /** The update had been encoded and handed to every follower's stream. */
  readonly publishedAt: number;
  /** Until the next step could be opened. */
  readonly wallMs: number;
  /** What the compute thread needed for the reduce. */
  readonly reduceMs: number;
  /** Encoding the update and handing it to the streams. */
  readonly encodeMs: number;
  /** Bytes of the update's message, to each follower. */
  readonly updateBytes: number;
  readonly followers: number;
  /** The answers that counted, in shard order. */
  readonly shards: readonly ShardTimeline[];
}
