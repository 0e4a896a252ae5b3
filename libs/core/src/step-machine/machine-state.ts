import type { RunCondition } from '../run-state.js';
import type { Shard } from '../shard.js';

/** Limits of the step machine. Times are in milliseconds. */
export interface MachineOptions {
  /** With fewer ready workers the run waits. */
  readonly minWorkers: number;
  /** Whether the coordinator has a scaler that starts workers; else users start them. */
  readonly startsWorkers: boolean;
  /** A worker without a heartbeat for this long is lost. */
  readonly heartbeatTimeoutMs: number;
  /** A shard is a straggler after this multiple of the median shard time. */
  readonly stragglerFactor: number;
  /** No shard is a straggler before this. */
  readonly minDeadlineMs: number;
  /** Whether two contributions for one shard must be equal, byte for byte: strict numerics. */
  readonly compareContributions: boolean;
  /** The deadline until enough shard times are known for a median. */
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

/** One attempt at a shard. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly issuedAt: number;
  /** The worker that took it last; absent while it waits in the queue. */
  readonly takenBy?: WorkerId;
  readonly takenAt?: number;
  /** Set once no contribution is expected any more. */
  readonly ended?: 'contributed' | 'refused' | 'lost' | 'given-back';
}

/** A contribution whose bytes match its hash, as far as decisions need it. */
export interface ValidContribution {
  readonly worker: WorkerId;
  readonly attempt: number;
  /** `contributionHash`, hex. */
  readonly sha256: string;
  /** Whether it is free of NaN and Inf. */
  readonly finite: boolean;
}

export interface ShardProgress {
  readonly shard: Shard;
  readonly attempts: readonly Attempt[];
  /** Workers that were granted an attempt. */
  readonly granted: readonly WorkerId[];
  /** In the order they arrived. */
  readonly contributions: readonly ValidContribution[];
  /** The hash that counts; absent before the first contribution and during a dispute. */
  readonly counted?: string;
  /** The hash in the ledger, if the step is computed again after a restart. */
  readonly recorded?: string;
  /**
   * A contribution is not finite, or differs from another or from the ledger: the arbiter computes the
   * shard, and the step is held until then.
   */
  readonly disputed?: true;
}

export interface StepProgress {
  readonly step: number;
  readonly shards: readonly ShardProgress[];
}

/** A shard of a committed step, to compare late contributions with. */
export interface CommittedShard {
  /** Hash of the counted contribution. */
  readonly sha256: string;
  /** The worker whose contribution counted. */
  readonly worker: WorkerId;
  /** Workers that were granted an attempt. */
  readonly granted: readonly WorkerId[];
}

/** A late contribution that differs from the committed one, until the arbiter has decided. */
export interface LateDispute {
  readonly step: number;
  readonly index: number;
  readonly committed: CommittedShard;
  /** The worker that contributed late. */
  readonly worker: WorkerId;
  readonly sha256: string;
}

export interface WorkerProgress {
  readonly id: WorkerId;
  /** `joining` until it holds the weights, then `ready`; `quarantined` gets no more work. */
  readonly state: 'joining' | 'ready' | 'quarantined';
  readonly lastHeardAt: number;
  /** The shard it computes now. */
  readonly holding?: { readonly step: number; readonly index: number; readonly attempt: number };
  /** Since when it has had no current shard. */
  readonly idleSince: number;
  /** How many of its latest contributions in a row had damaged bytes. */
  readonly damagedContributions?: number;
}

/** The run's recent shard times. */
export interface ShardTimes {
  /** From take to contribution, in milliseconds, newest last. */
  readonly recent: readonly number[];
  /** Of them: computed once for each contribution, since every event asks for the deadline. */
  readonly medianMs: number;
}

/**
 * The state that all decisions of a run depend on; only `advance` changes it. Its moments are
 * milliseconds of the coordinator's monotonic clock.
 */
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
  /** The shards of the latest committed steps. */
  readonly recentSteps: ReadonlyMap<number, readonly CommittedShard[]>;
  /** Disputes about committed shards, at most one for each worker. */
  readonly lateDisputes: readonly LateDispute[];
  /** The arbiter could not decide a dispute: the run is paused, and resuming it tries again. */
  readonly undecided?: true;
  /** The first committed step that the arbiter proved wrong: it must not stay in the ledger. */
  readonly refutedStep?: number;
  readonly workers: ReadonlyMap<WorkerId, WorkerProgress>;
  readonly shardTimes: ShardTimes;
}

/**
 * The state of a run at the start of a coordinator's term. The reason is empty, so that the first
 * event reports why the run waits.
 */
export function initialMachineState(run: {
  runId: string;
  term: number;
  committedStep: number;
}): MachineState {
  return {
    ...run,
    condition: { state: 'waiting-for-workers', reason: '' },
    recentSteps: new Map(),
    lateDisputes: [],
    workers: new Map(),
    shardTimes: { recent: [], medianMs: 0 },
  };
}
