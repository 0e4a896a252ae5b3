import {
  Client,
  type ClientReadableStream,
  credentials,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { hostOf, isLoopback, LockstepError, shortened } from '@lockstep/core';
import { assembleEvents } from './assemble-events.js';
import { withToken } from './channel-security.js';
import { openChannel, type ChannelSettings } from './client-channel.js';
import {
  contributionBegin,
  contributionEnd,
  stateUpload,
  upload,
  type ContributionEnd,
  type UploadOptions,
} from './upload.js';
import type { FollowPart } from './generated/lockstep/v1/lockstep.js';
import { fromServiceError } from './grpc-errors.js';
import type {
  ContributionBegin,
  EvaluationResult,
  FetchRequest,
  FollowEvent,
  FollowRequest,
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
import { SubmitCall, TakeCall } from './long-lived-calls.js';
import { SharedWithCoordinator } from './shared-memory/shared-with-coordinator.js';
import { checkedService } from './validation/checked-service.js';
import { LONGEST_TEXT } from './validation/message-rules.js';
import { readRegisterOutcome, readSubmitOutcome, readTakeOutcome } from './wire-messages.js';

export interface ProtocolClientOptions extends ChannelSettings {
  /** Sent with every call; absent if the coordinator requires none. */
  readonly joinToken?: () => string;
  /** Largest snapshot or update, in bytes. */
  readonly maxPayloadBytes: number;
  /** Whether payloads use shared memory if the coordinator is on this machine; true by default. */
  readonly sharesMemory?: boolean;
  /** How long a call without a payload may take. */
  readonly deadlineMs?: number;
  /** How long a submit may take, all in all. */
  readonly submitDeadlineMs?: number;
}

/** Shared-memory regions, one per kind of upload; each holds one active upload. */
const [CONTRIBUTIONS, STATES] = [0, 1];

/** Options of a submit. */
export interface SubmitOptions {
  /** Cancels the contribution. */
  readonly signal?: AbortSignal;
  /** W3C `traceparent` of the upload. */
  readonly trace?: string | undefined;
}

/**
 * A worker's end of the protocol. Every method throws LockstepError: `coordinator-unreachable`
 * without a response, `certificate-refused` if one end does not trust the other, `worker-refused`
 * for an invalid join token, `protocol-violation` for an invalid response, or the handler's error.
 * It connects at the first call; retries are up to the caller.
 */
export interface ProtocolClient {
  describe(): Promise<RunDescription>;
  register(request: RegisterRequest): Promise<RegisterOutcome>;
  /**
   * The stream of the worker's state, in order. Ends when the coordinator ends it or `signal` is
   * aborted, throws if it breaks; leaving the loop ends the call. Back-pressure follows the loop.
   */
  follow(
    request: FollowRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<FollowEvent, void, undefined>;
  /** The snapshot of a pinned version. */
  fetch(request: FetchRequest, signal?: AbortSignal): Promise<SnapshotEvent | Refusal>;
  take(request: TakeRequest): Promise<TakeOutcome>;
  /**
   * Sends a contribution, its factored section while the rest may still be computed.
   *
   * @param factored wire bytes; must not change until the promise is settled
   * @param rest everything else; if it is rejected, the contribution is cancelled
   */
  submit(
    begin: ContributionBegin,
    factored: Uint8Array,
    rest: ContributionEnd | Promise<ContributionEnd>,
    options?: SubmitOptions,
  ): Promise<SubmitOutcome>;
  /** @returns whether the coordinator has adopted the state */
  uploadState(header: StateUploadHeader, state: Uint8Array): Promise<boolean>;
  submitEvaluation(result: EvaluationResult): Promise<SubmitOutcome>;
  heartbeat(request: HeartbeatRequest): Promise<HeartbeatReply>;
  leave(request: LeaveRequest): Promise<void>;
  /** Closes the connections; open calls fail. */
  close(): void;
}

type Assemble = (parts: AsyncIterable<FollowPart>) => AsyncGenerator<FollowEvent, void, undefined>;

export function createProtocolClient(options: ProtocolClientOptions): ProtocolClient {
  return new GrpcClient(options);
}

class GrpcClient implements ProtocolClient {
  readonly #address: string;
  readonly #maxPayloadBytes: number;
  readonly #submitDeadlineMs: number;
  readonly #memory: SharedWithCoordinator;
  readonly #control: Client;
  /** A separate connection, so that a heartbeat never waits behind a payload. */
  readonly #uploads: Client;
  readonly #calls: Calls;
  readonly #takes: TakeCall;
  readonly #submits: SubmitCall;

  constructor(options: ProtocolClientOptions) {
    const { address, maxPayloadBytes, deadlineMs = 10_000, submitDeadlineMs = 120_000 } = options;
    const { sharesMemory = true } = options;
    this.#address = address;
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#submitDeadlineMs = submitDeadlineMs;
    this.#memory = new SharedWithCoordinator(sharesMemory && isLoopback(hostOf(address)));
    this.#control = connect(options);
    this.#uploads = connect(options);
    this.#calls = new Calls(this.#control, { address, deadlineMs });
    this.#takes = new TakeCall(this.#control, {
      deadlineMs,
      toError: (error) => fromServiceError(error, 'Take', address),
    });
    this.#submits = new SubmitCall(this.#uploads);
  }

  describe(): Promise<RunDescription> {
    return this.#calls.unary('Describe', checkedService.describe, {});
  }

  async register(request: RegisterRequest): Promise<RegisterOutcome> {
    const reply = await this.#calls.unary('Register', checkedService.register, request);
    return readRegisterOutcome(reply);
  }

  follow(
    request: FollowRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<FollowEvent, void, undefined> {
    const withMemory = { ...request, memory: this.#memory.offer() };
    const { follow } = checkedService;
    return this.#calls.events('Follow', follow, withMemory, { assemble: this.#assemble, signal });
  }

  fetch(request: FetchRequest, signal?: AbortSignal): Promise<SnapshotEvent | Refusal> {
    const { fetch } = checkedService;
    const given = { assemble: this.#assemble, signal };
    return onlySnapshot(this.#calls.events('Fetch', fetch, request, given), request.version);
  }

  async take(request: TakeRequest): Promise<TakeOutcome> {
    return readTakeOutcome(await this.#takes.take(request));
  }

  async submit(
    begin: ContributionBegin,
    factored: Uint8Array,
    rest: ContributionEnd | Promise<ContributionEnd>,
    { signal, trace }: SubmitOptions = {},
  ): Promise<SubmitOutcome> {
    const first = contributionBegin(begin, factored, trace);
    const second = Promise.resolve(rest).then(contributionEnd);
    second.catch(() => undefined); // the rejection is handled where the piece is sent
    const options = { ...this.#uploading('Submit', CONTRIBUTIONS), signal };
    return readSubmitOutcome(await this.#submits.submit([first, second], options));
  }

  async uploadState(header: StateUploadHeader, state: Uint8Array): Promise<boolean> {
    const pieces = [stateUpload(header, state)];
    const options = this.#uploading('UploadState', STATES);
    return (await upload(this.#uploads, checkedService.uploadState, pieces, options)).taken;
  }

  async submitEvaluation(result: EvaluationResult): Promise<SubmitOutcome> {
    const { submitEvaluation } = checkedService;
    return readSubmitOutcome(await this.#calls.unary('SubmitEvaluation', submitEvaluation, result));
  }

  heartbeat(request: HeartbeatRequest): Promise<HeartbeatReply> {
    return this.#calls.unary('Heartbeat', checkedService.heartbeat, request);
  }

  async leave({ session, reason }: LeaveRequest): Promise<void> {
    const request = { session, reason: shortened(reason, LONGEST_TEXT) };
    await this.#calls.unary('Leave', checkedService.leave, request);
  }

  close(): void {
    this.#submits.close();
    this.#takes.close();
    this.#control.close();
    this.#uploads.close();
    this.#memory.close();
  }

  readonly #assemble: Assemble = (parts) =>
    assembleEvents(parts, this.#maxPayloadBytes, this.#memory);

  #uploading(name: string, region: number): UploadOptions {
    return {
      deadlineMs: this.#submitDeadlineMs,
      toError: (error) => fromServiceError(error, name, this.#address),
      region: this.#memory.region(region),
    };
  }
}

function connect(options: ProtocolClientOptions): Client {
  const { address, joinToken } = options;
  const interceptors = joinToken ? [withToken(joinToken)] : [];
  // The channel has its own credentials; those of the client are not used.
  return new Client(address, credentials.createInsecure(), {
    ...{ channelOverride: openChannel(options), interceptors },
  });
}

/** A method as a client uses it. */
type ClientMethod<Request, Reply> = Pick<
  MethodDefinition<Request, Reply>,
  'path' | 'requestSerialize' | 'responseDeserialize'
>;

/** Calls over one connection; their errors name the call and the address. */
class Calls {
  readonly #client: Client;
  readonly #address: string;
  readonly #deadlineMs: number;

  constructor(client: Client, { address, deadlineMs }: { address: string; deadlineMs: number }) {
    this.#client = client;
    this.#address = address;
    this.#deadlineMs = deadlineMs;
  }

  unary<Request, Response>(
    name: string,
    method: ClientMethod<Request, Response>,
    request: Request,
  ): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    const deadline = Date.now() + this.#deadlineMs;
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, response?: Response): void =>
        error || response === undefined
          ? reject(fromServiceError(error, name, this.#address))
          : resolve(response);
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline },
        done,
      );
    });
  }

  events<Request>(
    name: string,
    method: ClientMethod<Request, FollowPart>,
    request: Request,
    { assemble, signal }: { assemble: Assemble; signal: AbortSignal | undefined },
  ): AsyncGenerator<FollowEvent, void, undefined> {
    const { path, requestSerialize, responseDeserialize } = method;
    const open = (): ClientReadableStream<FollowPart> =>
      this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    return events(open, signal, assemble, (e) => fromServiceError(e, name, this.#address));
  }
}

async function* events(
  open: () => ClientReadableStream<FollowPart>,
  signal: AbortSignal | undefined,
  assemble: Assemble,
  toError: (error: unknown) => LockstepError,
): AsyncGenerator<FollowEvent, void, undefined> {
  if (signal?.aborted) return;
  const call = open();
  // After the loop has been left, the status of the call arrives as an error.
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
  throw new LockstepError(
    'protocol-violation',
    `the stream ended without the snapshot of version ${version}`,
  );
}
