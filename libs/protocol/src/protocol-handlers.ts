import type { EncodedMessage } from './encoded-message.js';
import type { Follower } from './follower.js';
import type { Caller } from './gate.js';
import type {
  ContributionHeader,
  EvaluationResult,
  FetchRequest,
  FollowRequest,
  GiveBackRequest,
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
   * Asked once the header has come and before memory for the payload is taken: refuses by an
   * outcome, or lets the payload come by returning undefined.
   */
  admit(
    header: ContributionHeader,
    payloadBytes: number,
    caller?: Caller,
  ): Awaitable<SubmitOutcome | undefined>;
  /**
   * A contribution that has come whole: the hash in its header has been checked.
   *
   * @param payload wire bytes, 4-byte aligned, alone in their ArrayBuffer, the handler's to keep
   */
  submit(
    header: ContributionHeader,
    payload: Uint8Array<ArrayBuffer>,
    receipt: Receipt,
    caller?: Caller,
  ): Awaitable<SubmitOutcome>;
  submitEvaluation(result: EvaluationResult, caller?: Caller): Awaitable<SubmitOutcome>;
  heartbeat(request: HeartbeatRequest, caller?: Caller): Awaitable<HeartbeatReply>;
  leave(request: LeaveRequest, caller?: Caller): Awaitable<void>;
}
