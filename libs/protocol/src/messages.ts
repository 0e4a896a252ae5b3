import type { RunState, ShardTotals, WireFormat } from '@lockstep/core';
import type {
  EvaluationResult as WireEvaluationResult,
  FetchRequest,
  FollowRequest as WireFollowRequest,
  StateUploadHeader as WireStateUploadHeader,
  HeartbeatReply,
  HeartbeatRequest,
  LeaveRequest,
  LogLine,
  RegisterRequest,
  RunDescription,
  ShardAttempt,
  ShardTimings,
  StateProof,
  TakeRequest as WireTakeRequest,
  UpdateShard,
} from './generated/lockstep/v1/lockstep.js';
import type { RefusalReason, Verdict } from './words.js';

export type {
  FetchRequest,
  HeartbeatReply,
  HeartbeatRequest,
  LeaveRequest,
  LogLine,
  RegisterRequest,
  RunDescription,
  ShardAttempt,
  ShardTimings,
  StateProof,
  UpdateShard,
};

/** A request to follow; the client adds the offer of shared memory. */
export type FollowRequest = Omit<WireFollowRequest, 'memory'>;

/** A message whose shard is present. */
type WithShard<Message> = Omit<Message, 'shard'> & { readonly shard: ShardAttempt };

export type TakeRequest = WithShard<WireTakeRequest>;
export type EvaluationResult = WithShard<WireEvaluationResult>;

/** A refusal: a reason for programs and a message for users. */
export interface Refusal {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly message: string;
}

/** Length of a `process_key`. */
export const PROCESS_KEY_BYTES = 32;

/** Membership of a worker, under the id that the coordinator issued. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly session: string;
  readonly term: number;
  readonly workerId: string;
  /** Name of the queue of the term's shards. */
  readonly queue: string;
}

export type RegisterOutcome = Accepted | Refusal;

/** The coordinator's reply to a `Take`. */
export type TakeOutcome = { readonly kind: 'granted' } | Refusal;

/** What is known of a contribution before it is computed. */
export interface ContributionBegin {
  readonly session: string;
  readonly runId: string;
  readonly shard: ShardAttempt;
  readonly sampleCount: number;
  readonly wire: WireFormat;
}

/** The rest of a contribution without its gradient. */
export interface ContributionRest extends ShardTotals {
  /** `contributionHash`, hex. */
  readonly sha256: string;
  readonly timings?: ShardTimings | undefined;
  /** The newest state that the worker was asked to prove. */
  readonly proof?: StateProof | undefined;
}

/** A contribution without its gradient. */
export type ContributionHeader = ContributionBegin & ContributionRest;

/** A factored section that arrived before the rest of its contribution. */
export interface EarlyFactors {
  /** Wire bytes. */
  readonly factored: Uint8Array<ArrayBuffer>;
  /** SHA-256 of these bytes, hex. */
  readonly factoredSha256: string;
}

/** The header of a state upload without the length. */
export type StateUploadHeader = Omit<WireStateUploadHeader, 'stateBytes'>;

/** Facts about the reception of a contribution. */
export interface Receipt {
  /** SHA-256 of the factored section's bytes, hex. */
  readonly factoredSha256: string;
  /** W3C `traceparent` of the upload; absent if it is not traced. */
  readonly trace?: string;
}

/** The verdict on a contribution, with a message for users. */
export interface SubmitOutcome {
  readonly verdict: Verdict;
  readonly message: string;
  /** Requests the state of the proof that came with it. */
  readonly uploadState?: boolean;
}

/** Weights and optimizer state after one version. */
export interface SnapshotEvent {
  readonly kind: 'snapshot';
  readonly version: number;
  /** SHA-256 of `state`, hex; it has been checked. */
  readonly sha256: string;
  /** 4-byte aligned, alone in its ArrayBuffer. */
  readonly state: Uint8Array<ArrayBuffer>;
}

/** A factored section of the next update, which names it if it counts. */
export interface FactorsEvent {
  readonly kind: 'factors';
  readonly step: number;
  readonly index: number;
  /** 4-byte aligned, alone in its ArrayBuffer. */
  readonly factored: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `factored`, hex; it has been checked. */
  readonly sha256: string;
}

/** A step's reduced gradient without the factored sections, which arrived before. */
export interface UpdateEvent {
  readonly kind: 'update';
  /** The version of the state after the update. */
  readonly version: number;
  /** In shard order. */
  readonly shards: readonly UpdateShard[];
  /** The dense section; 4-byte aligned, alone in its ArrayBuffer. */
  readonly dense: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `dense`, hex; it has been checked. */
  readonly sha256: string;
  /** Requests a proof of the state after it. */
  readonly prove: boolean;
  /** Whether the version will be evaluated, so that its weights must be kept until then. */
  readonly evaluated: boolean;
  /** Milliseconds taken to verify the last bytes. */
  readonly decodeMs: number;
}

/** The events of a follower's stream, in order. */
export type FollowEvent =
  | SnapshotEvent
  | FactorsEvent
  | UpdateEvent
  | { readonly kind: 'up-to-date'; readonly version: number }
  | { readonly kind: 'run-status'; readonly state: RunState; readonly reason: string }
  | { readonly kind: 'drain'; readonly reason: string }
  | Refusal;
