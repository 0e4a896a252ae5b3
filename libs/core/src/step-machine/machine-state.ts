import type { RunCondition } from '../run-state.js';
import type { Shard } from '../shard.js';

/** What bounds the step machine's patience. Times are in milliseconds. */
export interface MachineOptions {
  /** Fewer ready workers than this and the run waits. */
  readonly minWorkers: number;
  /** Whether the coordinator has a scaler that starts workers; else users start them. */
  readonly startsWorkers: boolean;
  /** A worker not heard of for this long is lost. */
  readonly heartbeatTimeoutMs: number;
  /** A shard is a straggler after this many times the median shard time. */
  readonly stragglerFactor: number;
  /** No shard is a straggler before this. */
  readonly minDeadlineMs: number;
  /** Whether two answers to one shard must be equal, byte for byte: strict numerics. */
  readonly compareContributions: boolean;
  /** The deadline while too few shard times are known to take a median of. */
  readonly initialDeadlineMs: number;
}

export const defaultMachineOptions: MachineOptions = {
  minWorkers: 1,
  startsWorkers: false,
  heartbeatTimeoutMs: 1_000,
  stragglerFactor: 1.5,
  minDeadlineMs: 50,
  initialDeadlineMs: 5_000,
  compareContributions: true,
};

export type WorkerId = string;

/** One time that a shard was handed out. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly issuedAt: number;
  /** Who took it last; absent while it waits in the queue. */
  readonly takenBy?: WorkerId;
  readonly takenAt?: number;
  /** Set once nothing more is expected of it. */
  readonly ended?: 'contributed' | 'refused' | 'lost' | 'given-back' | 'superseded';
}

/** A valid answer to a shard. */
export interface Answer {
  readonly worker: WorkerId;
  readonly attempt: number;
  /** `contributionHash`, hex. */
  readonly sha256: string;
}

export interface ShardProgress {
  readonly shard: Shard;
  readonly attempts: readonly Attempt[];
  /** Valid answers in the order they came; two with unequal hashes are a dispute. */
  readonly answers: readonly Answer[];
  /** The hash that counts; absent while there is no answer, or a dispute. */
  readonly counted?: string;
  /** Answers refused because they held NaN or Inf. */
  readonly notFinite: readonly WorkerId[];
}

export interface StepProgress {
  readonly step: number;
  readonly shards: readonly ShardProgress[];
}

export interface WorkerProgress {
  readonly id: WorkerId;
  /** `joining` until it holds the weights, then `ready`; `quarantined` gets no work any more. */
  readonly state: 'joining' | 'ready' | 'quarantined';
  readonly lastHeardAt: number;
  /** The shard it computes now. */
  readonly holding?: { readonly step: number; readonly index: number; readonly attempt: number };
  /** Since when it has held nothing. */
  readonly idleSince: number;
  /** Answers in a row, up to the last, whose bytes were damaged. */
  readonly damagedContributions?: number;
}

/** All that the decisions of a run rest on; changed by `advance` alone. */
export interface MachineState {
  readonly runId: string;
  readonly term: number;
  readonly condition: RunCondition;
  readonly pausedBecause?: string;
  readonly queueLostBecause?: string;
  readonly diskFullBecause?: string;
  /** The last step committed. */
  readonly committedStep: number;
  /** The step being collected. */
  readonly current?: StepProgress;
  /** Counted hashes of the last committed steps, to compare late answers with. */
  readonly recentHashes: ReadonlyMap<number, readonly string[]>;
  readonly workers: ReadonlyMap<WorkerId, WorkerProgress>;
  /** Recent times from taken to answered, newest last. */
  readonly recentShardMs: readonly number[];
}

/**
 * The state of a run whose coordinator has just begun its term. It gives no reason yet, so that the
 * first event reports why the run waits.
 */
export function initialMachineState(
  run: { runId: string; term: number; committedStep: number },
  now: number,
): MachineState {
  return {
    ...run,
    condition: { state: 'waiting-for-workers', reason: '', since: now },
    recentHashes: new Map(),
    workers: new Map(),
    recentShardMs: [],
  };
}
