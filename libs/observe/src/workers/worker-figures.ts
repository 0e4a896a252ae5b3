import type { Verdict } from '@lockstep/core';
import type { HeartbeatRequest } from '@lockstep/protocol';

/** Why a worker no longer belongs to the run. */
export interface Departure {
  readonly how: 'lost' | 'left' | 'quarantined' | 'refused';
  readonly reason: string;
}

/** What is known of a worker beside its membership. */
export interface WorkerFigures {
  readonly worker: {
    readonly id: string;
    readonly host: string;
    readonly pid: number;
    readonly backend: string;
    /** Milliseconds since the epoch. */
    readonly joinedAt: number;
  };
  /** Absent while it belongs to the run. */
  readonly departure?: Departure;
  /** Whether it has been asked to leave. */
  readonly draining: boolean;
  /** When its last heartbeat came, in milliseconds since the epoch. */
  readonly lastHeardAt: number;
  /** How long ago that is: measured, since the difference of two time stamps is wrong when the clock is set. */
  readonly silentMs: number;
  readonly heartbeat: HeartbeatRequest | undefined;
  /** Samples of its counted contributions. */
  readonly countedSamples: number;
  readonly countedShards: number;
  /** Samples of all workers' counted contributions while it belonged to the run. */
  readonly countedByAll: number;
  /** Over the last seconds. */
  readonly samplesPerSecond: number;
  /** Median time to compute one of its last shards, in milliseconds. */
  readonly shardMs: number | undefined;
  /** Processor cores in use between its last heartbeats. */
  readonly cores: number | undefined;
  /** Shards it had taken that were issued to another worker as well. */
  readonly reissues: number;
  /** Contributions that did not count, by verdict. */
  readonly refusals: Readonly<Partial<Record<Verdict, number>>>;
}

/** The lower median; undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1];
}
