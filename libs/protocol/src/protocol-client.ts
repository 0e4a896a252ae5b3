import {
  Client,
  type ClientReadableStream,
  credentials,
  type MethodDefinition,
} from '@grpc/grpc-js';
import { hostOf, isLoopback, LockstepError } from '@lockstep/core';
import { assembleEvents } from './assemble-events.js';
import { withToken } from './channel-security.js';
import { openChannel, type ChannelSettings } from './client-channel.js';
import { encodeStateUploadPart, encodeSubmitPart } from './encode-parts.js';
import { type FollowPart, LockstepService } from './generated/lockstep/v1/lockstep.js';
import { fromServiceError } from './grpc-errors.js';
import type {
  ContributionBegin,
  ContributionRest,
  EvaluationResult,
  FetchRequest,
  FollowEvent,
  FollowRequest,
  GiveBackRequest,
  StateUploadHeader,
  HeartbeatReply,
  HeartbeatRequest,
  LeaveRequest,
  Refusal,
  RegisterOutcome,
  RegisterRequest,
  RunDescription,
  SnapshotEvent,
  SubmitOutcome,
  TakeOutcome,
  TakeRequest,
} from './messages.js';
import { shareWithCoordinator } from './shared-memory/shared-with-coordinator.js';
import { createSubmitLane } from './submit-lane.js';
import { createTakeLane } from './take-lane.js';
import { upload, type UploadOptions, type UploadPiece } from './upload.js';
import {
  readRegisterOutcome,
  readSubmitOutcome,
  readTakeOutcome,
  writeSubmitHeader,
  writeSubmitRest,
} from './wire-messages.js';

export interface ProtocolClientOptions extends ChannelSettings {
  /** Told to the coordinator with every call; absent where the coordinator wants none. */
  readonly joinToken?: () => string;
  /** Largest snapshot or update, in bytes. */
  readonly maxPayloadBytes: number;
  /** Whether payloads may go through memory where the coordinator is on this machine; they do by default. */
  readonly sharesMemory?: boolean;
  /** How long a call without a payload may take. */
  readonly deadlineMs?: number;
  /** How long a submit may take, all in all. */
  readonly submitDeadlineMs?: number;
}

/** Regions of a worker's memory: of each kind one upload is on its way, and some that were given up. */
const [CONTRIBUTIONS, STATES] = [0, 1];

/** The end of a contribution. */
export interface ContributionEnd extends ContributionRest {
  /** The dense section's wire bytes; must not change until they are sent. */
  readonly dense: Uint8Array;
}

/** What may go with a contribution. */
export interface SubmitOptions {
  /** Aborted to give it up. */
  readonly signal?: AbortSignal;
  /** W3C `traceparent` of its being sent. */
  readonly trace?: string | undefined;
}

/**
 * A worker's end of the protocol. Every method throws LockstepError `coordinator-unreachable` when
 * no answer came, `certificate-refused` when one end does not trust the other, `worker-refused` when
 * the join token is no good, `protocol-violation` when the answer makes no sense, or what the handler threw.
 * It connects at the first call; when to try again is the caller's business.
 */
export interface ProtocolClient {
  describe(): Promise<RunDescription>;
  register(request: RegisterRequest): Promise<RegisterOutcome>;
  /**
   * The worker's state, in order. Ends when the coordinator ends it or `signal` is aborted, throws
   * when it breaks; leaving the loop ends the call. Reads no faster than the loop takes.
   */
  follow(
    request: FollowRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<FollowEvent, void, undefined>;
  /** The snapshot of a pinned version. */
  fetch(request: FetchRequest, signal?: AbortSignal): Promise<SnapshotEvent | Refusal>;
  take(request: TakeRequest): Promise<TakeOutcome>;
  giveBack(request: GiveBackRequest): Promise<void>;
  /**
   * Sends a contribution, its factored section while the rest may still be computed.
   *
   * @param factored wire bytes; must not change until the promise is settled
   * @param rest everything else; where it is rejected, the contribution is given up
   */
  submit(
    begin: ContributionBegin,
    factored: Uint8Array,
    rest: ContributionEnd | Promise<ContributionEnd>,
    options?: SubmitOptions,
  ): Promise<SubmitOutcome>;
  /** @returns whether the coordinator has taken the state over */
  uploadState(header: StateUploadHeader, state: Uint8Array): Promise<boolean>;
  submitEvaluation(result: EvaluationResult): Promise<SubmitOutcome>;
  heartbeat(request: HeartbeatRequest): Promise<HeartbeatReply>;
  leave(request: LeaveRequest): Promise<void>;
  /** Closes the connections; calls under way fail. */
  close(): void;
}

export function createProtocolClient(options: ProtocolClientOptions): ProtocolClient {
  const { address, maxPayloadBytes, deadlineMs = 10_000, submitDeadlineMs = 120_000 } = options;
  const { joinToken, sharesMemory = true } = options;
  const interceptors = joinToken ? [withToken(joinToken)] : [];
  // The channel has its own credentials: those of the client are not used beside it.
  const connect = (): Client =>
    new Client(address, credentials.createInsecure(), {
      ...{ channelOverride: openChannel(options), interceptors },
    });
  const talk = connect();
  // A connection of its own: a heartbeat never waits behind a payload.
  const uploads = connect();
  const lane = createSubmitLane(uploads);
  const memory = shareWithCoordinator(sharesMemory && isLoopback(hostOf(address)));
  const toTakeError = (error: unknown): LockstepError => fromServiceError(error, 'Take', address);
  const takes = createTakeLane(talk, { deadlineMs, toError: toTakeError });

  const unary = <Request, Response>(
    name: string,
    method: MethodDefinition<Request, Response>,
    request: Request,
  ): Promise<Response> =>
    new Promise((resolve, reject) => {
      talk.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        { deadline: Date.now() + deadlineMs },
        (error, response) =>
          error || response === undefined
            ? reject(fromServiceError(error, name, address))
            : resolve(response),
      );
    });
  const stream = <Request>(
    name: string,
    method: MethodDefinition<Request, FollowPart>,
    request: Request,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<FollowEvent, void, undefined> => {
    const { path, requestSerialize, responseDeserialize } = method;
    const open = (): ClientReadableStream<FollowPart> =>
      talk.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    const assemble = (parts: AsyncIterable<FollowPart>): ReturnType<typeof assembleEvents> =>
      assembleEvents(parts, maxPayloadBytes, memory);
    return events(open, signal, assemble, (e) => fromServiceError(e, name, address));
  };

  const uploading = (name: string): Pick<UploadOptions, 'deadlineMs' | 'toError'> => ({
    deadlineMs: submitDeadlineMs,
    toError: (error) => fromServiceError(error, name, address),
  });

  const service = LockstepService;
  return {
    describe: () => unary('Describe', service.describe, {}),
    register: async (request) =>
      readRegisterOutcome(await unary('Register', service.register, request)),
    follow: (request, signal) =>
      stream('Follow', service.follow, { ...request, memory: memory.offer() }, signal),
    fetch: async (request, signal) =>
      onlySnapshot(stream('Fetch', service.fetch, request, signal), request.version),
    take: async (request) => readTakeOutcome(await takes.take(request)),
    giveBack: async (request) => void (await unary('GiveBack', service.giveBack, request)),
    submit: async (begin, factored, rest, { signal, trace } = {}) => {
      const value = writeSubmitHeader(begin, factored.length, trace);
      const first = { head: encodeSubmitPart({ $case: 'header', value }), payload: factored };
      const second = Promise.resolve(rest).then(endOfContribution);
      second.catch(() => undefined); // whoever sends it is told
      const options = { ...uploading('Submit'), signal, region: memory.region(CONTRIBUTIONS) };
      return readSubmitOutcome(await lane.submit([first, second], options));
    },
    uploadState: async (header, state) => {
      const value = { ...header, stateBytes: state.length };
      const head = encodeStateUploadPart({ $case: 'header', value });
      const pieces = [{ head, payload: state }];
      const options = { ...uploading('UploadState'), region: memory.region(STATES) };
      const reply = await upload(uploads, service.uploadState, pieces, options);
      return reply.taken;
    },
    submitEvaluation: async (result) =>
      readSubmitOutcome(await unary('SubmitEvaluation', service.submitEvaluation, result)),
    heartbeat: (request) => unary('Heartbeat', service.heartbeat, request),
    leave: async (request) => void (await unary('Leave', service.leave, request)),
    close() {
      lane.close();
      takes.close();
      talk.close();
      uploads.close();
      memory.close();
    },
  };
}

function endOfContribution({ dense, ...rest }: ContributionEnd): UploadPiece {
  const value = writeSubmitRest(rest, dense.length);
  return { head: encodeSubmitPart({ $case: 'rest', value }), payload: dense };
}

async function* events(
  open: () => ClientReadableStream<FollowPart>,
  signal: AbortSignal | undefined,
  assemble: (parts: AsyncIterable<FollowPart>) => AsyncGenerator<FollowEvent, void, undefined>,
  toError: (error: unknown) => LockstepError,
): AsyncGenerator<FollowEvent, void, undefined> {
  if (signal?.aborted) return;
  const call = open();
  // The status of a call that was left comes as an error that nobody waits for any more.
  call.on('error', () => undefined);
  const cancel = (): void => call.cancel();
  signal?.addEventListener('abort', cancel);
  try {
    yield* assemble(call);
  } catch (error) {
    if (!signal?.aborted) throw toError(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
    call.cancel();
  }
}

async function onlySnapshot(
  stream: AsyncIterable<FollowEvent>,
  version: number,
): Promise<SnapshotEvent | Refusal> {
  for await (const event of stream) {
    if (event.kind === 'refused') return event;
    if (event.kind === 'snapshot' && event.version === version) return event;
  }
  throw new LockstepError('protocol-violation', `no snapshot of version ${version} came`);
}
