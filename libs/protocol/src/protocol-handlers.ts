import type { GradientBytes } from '@lockstep/core';
import type { EncodedMessage } from './encoded-message.js';
import type { Follower } from './follower.js';
import type { Caller } from './gate.js';
import type {
  ContributionBegin,
  ContributionHeader,
  EarlyFactors,
  EvaluationResult,
  FetchRequest,
  FollowRequest,
  GiveBackRequest,
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

type Awaitable<Value> = Value | Promise<Value>;

/**
 * What a coordinator does when it is called. A handler that throws a LockstepError gives the caller
 * the same error; anything else thrown is a defect, hidden from the caller and told to `onDefect`.
 * `caller` is absent where a call comes from the same process.
 */
export interface ProtocolHandlers {
  describe(): Awaitable<RunDescription>;
  register(request: RegisterRequest, caller?: Caller): Awaitable<RegisterOutcome>;
  /**
   * A worker asks to be told of every update. The handler keeps the follower and sends to it until
   * `follower.signal` is aborted; the stream stays open after the handler returns.
   */
  follow(request: FollowRequest, follower: Follower, caller?: Caller): Awaitable<void>;
  /** The snapshot of a pinned version. */
  fetch(request: FetchRequest, caller?: Caller): Awaitable<EncodedMessage | Refusal>;
  take(request: TakeRequest, caller?: Caller): Awaitable<TakeOutcome>;
  giveBack(request: GiveBackRequest, caller?: Caller): Awaitable<void>;
  /**
   * Asked once a section's head has come and before memory for it is taken: refuses by an outcome, or
   * lets it come by returning undefined.
   *
   * @param bytes of the sections, with this one
   */
  admit(
    begin: ContributionBegin,
    bytes: number,
    caller?: Caller,
  ): Awaitable<SubmitOutcome | undefined>;
  /**
   * A contribution's factored section has come, before the rest: it may be sent on already, and may
   * turn out not to count.
   */
  factors(begin: ContributionBegin, early: EarlyFactors, caller?: Caller): Awaitable<void>;
  /**
   * A contribution that has come whole: the hash in its header has been checked.
   *
   * @param payload wire bytes, each section 4-byte aligned and alone in its ArrayBuffer, the
   *   handler's to keep
   */
  submit(
    header: ContributionHeader,
    payload: GradientBytes,
    receipt: Receipt,
    caller?: Caller,
  ): Awaitable<SubmitOutcome>;
  /** Asked once the header of a state has come: whether it was asked for and may be that long. */
  expectsState(header: StateUploadHeader, stateBytes: number, caller?: Caller): Awaitable<boolean>;
  /**
   * A state that has come whole; its hash has been checked.
   *
   * @param state 4-byte aligned, alone in its ArrayBuffer, the handler's to keep
   * @returns whether it was taken over
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
