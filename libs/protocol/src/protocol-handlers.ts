import type { GradientBytes } from '@lockstep/core';
import type { EncodedMessage } from './encoded-message.js';
import type { Follower } from './follower.js';
import type {
  ContributionBegin,
  ContributionHeader,
  EarlyFactors,
  EvaluationResult,
  FetchRequest,
  FollowRequest,
  StateUploadHeader,
  HeartbeatReply,
  HeartbeatRequest,
  LeaveRequest,
  Receipt,
  Refusal,
  RegisterOutcome,
  RegisterRequest,
  RunDescription,
  SubmitOutcome,
  TakeOutcome,
  TakeRequest,
} from './messages.js';

/** The caller of a method. */
export interface Caller {
  /** Its address, for display. */
  readonly peer: string;
  /** Name of its token; absent if none is required. */
  readonly holder?: string;
}

type Awaitable<Value> = Value | Promise<Value>;

/**
 * A coordinator's handlers of calls. A LockstepError that a handler throws is passed on to the
 * caller; any other error is a defect, hidden from the caller and reported to `onDefect`. `caller`
 * is absent for calls within the same process.
 */
export interface ProtocolHandlers {
  describe(): Awaitable<RunDescription>;
  register(request: RegisterRequest, caller?: Caller): Awaitable<RegisterOutcome>;
  /**
   * Subscribes a worker to updates. The handler keeps the follower and sends to it until
   * `follower.signal` is aborted; the stream stays open after the handler returns.
   */
  follow(request: FollowRequest, follower: Follower, caller?: Caller): Awaitable<void>;
  /** The snapshot of a pinned version. */
  fetch(request: FetchRequest, caller?: Caller): Awaitable<EncodedMessage | Refusal>;
  take(request: TakeRequest, caller?: Caller): Awaitable<TakeOutcome>;
  /**
   * Called after a section's head and before memory for it is allocated: refuses by returning an
   * outcome, or accepts by returning undefined.
   *
   * @param bytes of the sections so far, including this one
   */
  admit(
    begin: ContributionBegin,
    bytes: number,
    caller?: Caller,
  ): Awaitable<SubmitOutcome | undefined>;
  /**
   * Called with a contribution's factored section, before the rest arrives: it may be forwarded
   * already, and may turn out not to count.
   */
  factors(begin: ContributionBegin, early: EarlyFactors, caller?: Caller): Awaitable<void>;
  /**
   * Called with a complete contribution, which the handler verifies.
   *
   * @param payload wire bytes, each section 4-byte aligned and alone in its ArrayBuffer; owned by the handler
   */
  submit(
    header: ContributionHeader,
    payload: GradientBytes,
    receipt: Receipt,
    caller?: Caller,
  ): Awaitable<SubmitOutcome>;
  /**
   * Called after the header of a state upload. @returns whether it was requested and may have this
   * length
   */
  expectsState(header: StateUploadHeader, stateBytes: number, caller?: Caller): Awaitable<boolean>;
  /**
   * Called with a complete state whose hash has been checked.
   *
   * @param state 4-byte aligned, alone in its ArrayBuffer; owned by the handler
   * @returns whether it was adopted
   */
  uploadState(
    header: StateUploadHeader,
    state: Uint8Array<ArrayBuffer>,
    caller?: Caller,
  ): Awaitable<boolean>;
  submitEvaluation(result: EvaluationResult, caller?: Caller): Awaitable<SubmitOutcome>;
  heartbeat(request: HeartbeatRequest, caller?: Caller): Awaitable<HeartbeatReply>;
  leave(request: LeaveRequest, caller?: Caller): Awaitable<void>;
}
