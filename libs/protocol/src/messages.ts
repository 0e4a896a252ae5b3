import type { RunState, ShardTotals, WireFormat } from '@lockstep/core';
import type {
  EvaluationResult as WireEvaluationResult,
  FetchRequest,
  FollowRequest as WireFollowRequest,
  GiveBackRequest as WireGiveBackRequest,
  StateUploadHeader as WireHandInHeader,
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

/** What a worker says of itself as it begins to follow; its memory is the client's business. */
export type FollowRequest = Omit<WireFollowRequest, 'memory'>;

/** A message whose shard is known to be there. */
type WithShard<Message> = Omit<Message, 'shard'> & { readonly shard: ShardAttempt };

export type TakeRequest = WithShard<WireTakeRequest>;
export type GiveBackRequest = WithShard<WireGiveBackRequest>;
export type EvaluationResult = WithShard<WireEvaluationResult>;

/** Why a call was refused: a word for programs and a sentence for people. */
export interface Refusal {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly message: string;
}

export type RegisterOutcome =
  { readonly kind: 'accepted'; readonly session: string; readonly term: number } | Refusal;

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

/** Everything else of a contribution but its gradient. */
export interface ContributionRest extends ShardTotals {
  /** `contributionHash` of the totals and the gradient's sections, hex. */
  readonly sha256: string;
  readonly timings?: ShardTimings | undefined;
  /** The newest state that the worker was asked to prove. */
  readonly proof?: StateProof | undefined;
}

/** Everything of a contribution but its gradient. */
export type ContributionHeader = ContributionBegin & ContributionRest;

/** A factored section that has come before the rest of its contribution. */
export interface EarlyFactors {
  /** Wire bytes. */
  readonly factored: Uint8Array<ArrayBuffer>;
  /** SHA-256 of them, hex. */
  readonly factoredSha256: string;
}

/** Everything of a state that is handed in but its bytes. */
export type StateUploadHeader = Omit<WireHandInHeader, 'stateBytes'>;

/** What receiving a contribution found, and took in milliseconds. */
export interface Receipt {
  /** Checking its hash. */
  readonly hashMs: number;
  /** SHA-256 of its factored section, hex. */
  readonly factoredSha256: string;
  /** W3C `traceparent` of its being sent; absent where it is not traced. */
  readonly trace?: string;
}

/** What became of a contribution, with a sentence for people. */
export interface SubmitOutcome {
  readonly verdict: Verdict;
  readonly message: string;
  /** Asks for the state of the proof that came with it. */
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

/** A factored section of the next update; that update says whether it counts. */
export interface FactorsEvent {
  readonly kind: 'factors';
  readonly step: number;
  readonly index: number;
  /** 4-byte aligned, alone in its ArrayBuffer. */
  readonly factored: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `factored`, hex; it has been checked. */
  readonly sha256: string;
}

/** A step's reduced gradient, but for the factored sections, which came before. */
export interface UpdateEvent {
  readonly kind: 'update';
  /** The version the state has once the update is applied. */
  readonly version: number;
  /** In shard order. */
  readonly shards: readonly UpdateShard[];
  /** The dense section; 4-byte aligned, alone in its ArrayBuffer. */
  readonly dense: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `dense`, hex; it has been checked. */
  readonly sha256: string;
  /** Asks for a proof of the state after it. */
  readonly prove: boolean;
  /** Whether the version will be evaluated, and its weights are to be kept until then. */
  readonly evaluated: boolean;
  /** Milliseconds that checking the last bytes took. */
  readonly decodeMs: number;
}

/** What a follower is told, in order. */
export type FollowEvent =
  | SnapshotEvent
  | FactorsEvent
  | UpdateEvent
  | { readonly kind: 'up-to-date'; readonly version: number }
  | { readonly kind: 'run-status'; readonly state: RunState; readonly reason: string }
  | { readonly kind: 'drain'; readonly reason: string }
  | Refusal;
