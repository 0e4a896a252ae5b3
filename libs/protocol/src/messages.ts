import type { RunState, ShardTotals, WireFormat } from '@lockstep/core';
import type {
  EvaluationResult as WireEvaluationResult,
  FetchRequest,
  FollowRequest,
  GiveBackRequest as WireGiveBackRequest,
  HeartbeatReply,
  HeartbeatRequest,
  LeaveRequest,
  LogLine,
  RegisterRequest,
  RunDescription,
  ShardAttempt,
  ShardTimings,
  TakeRequest as WireTakeRequest,
} from './generated/lockstep/v1/lockstep.js';
import type { RefusalReason, Verdict } from './words.js';

export type {
  FetchRequest,
  FollowRequest,
  HeartbeatReply,
  HeartbeatRequest,
  LeaveRequest,
  LogLine,
  RegisterRequest,
  RunDescription,
  ShardAttempt,
  ShardTimings,
};

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

/** `deadlineMs`: until the shard is handed to somebody else as well; 0 when none is promised. */
export type TakeOutcome = { readonly kind: 'granted'; readonly deadlineMs: number } | Refusal;

/** Everything of a contribution but its gradient. */
export interface ContributionHeader extends ShardTotals {
  readonly session: string;
  readonly runId: string;
  readonly shard: ShardAttempt;
  readonly wire: WireFormat;
  /** `contributionHash` of the totals and the payload, hex. */
  readonly sha256: string;
  readonly timings?: ShardTimings | undefined;
}

/** What receiving a contribution took, in milliseconds. */
export interface Receipt {
  /** Checking its hash. */
  readonly hashMs: number;
  /** W3C `traceparent` of its being sent, from the call's metadata; absent where it is not traced. */
  readonly trace?: string;
}

/** What became of a contribution, with a sentence for people. */
export interface SubmitOutcome {
  readonly verdict: Verdict;
  readonly message: string;
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

/** A step's reduced gradient. */
export interface UpdateEvent {
  readonly kind: 'update';
  /** The version the state has once the update is applied. */
  readonly version: number;
  /** Samples of the step. */
  readonly rows: number;
  /** 4-byte aligned, alone in its ArrayBuffer. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `payload`, hex; it has been checked. */
  readonly sha256: string;
  /** SHA-256 of the state after the update; only every so often. */
  readonly stateSha256?: string;
  /** Whether the version will be evaluated, and its weights are to be kept until then. */
  readonly evaluated: boolean;
  /** Milliseconds that checking the payload took. */
  readonly decodeMs: number;
}

/** What a follower is told, in order. */
export type FollowEvent =
  | SnapshotEvent
  | UpdateEvent
  | { readonly kind: 'up-to-date'; readonly version: number }
  | { readonly kind: 'run-status'; readonly state: RunState; readonly reason: string }
  | { readonly kind: 'drain'; readonly reason: string }
  | Refusal;
