import { setMaxListeners } from 'node:events';
import {
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerErrorResponse,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { LockstepError, systemClock } from '@lockstep/core';
import { callerOf } from './gate.js';
import { encodeMemory } from './encoded-message.js';
import { FollowerStream, type EncodedStream, type Follower } from './follower.js';
import type {
  FollowRequest,
  LockstepServer,
  TakeReply,
  TakeRequest,
} from './generated/lockstep/v1/lockstep.js';
import type { FetchRequest } from './messages.js';
import { toServiceError } from './grpc-errors.js';
import type { Caller, ProtocolHandlers } from './protocol-handlers.js';
import { receiveContributions } from './receive-contribution.js';
import type { ReceiveLimits } from './receive-payload.js';
import { receiveState } from './receive-state.js';
import { LocalPeers, type LocalPeer } from './shared-memory/local-peers.js';
import { failStream, nextUnlessEnding } from './streams.js';
import { passThrough } from './upload.js';
import { checkedService } from './validation/checked-service.js';
import {
  withShard,
  writeRegisterOutcome,
  writeSubmitOutcome,
  writeTakeOutcome,
} from './wire-messages.js';

export interface ServiceOptions extends ReceiveLimits {
  readonly maxQueuedBytes: number;
  /** Whether a gate checks every call. */
  readonly gated: boolean;
  readonly onDefect: (method: string, error: unknown) => void;
}

/** The checked service, with streams of encoded messages. */
export const encodedService = {
  ...checkedService,
  follow: { ...checkedService.follow, responseSerialize: passThrough },
  fetch: { ...checkedService.fetch, responseSerialize: passThrough },
};

type Unary = Pick<
  LockstepServer,
  'describe' | 'register' | 'submitEvaluation' | 'heartbeat' | 'leave'
>;

/** A gRPC service that calls handlers, with the streams that are open. */
export class ProtocolService {
  /** The methods, as a gRPC server takes them. */
  readonly methods: UntypedServiceImplementation;
  readonly #handlers: ProtocolHandlers;
  readonly #options: ServiceOptions;
  readonly #toError: ToError;
  readonly #followers = new Set<Follower>();
  /** Aborted when no further request of a long-lived call is to be served. */
  readonly #ending = new AbortController();
  readonly #localPeers = new LocalPeers();

  constructor(handlers: ProtocolHandlers, options: ServiceOptions) {
    this.#handlers = handlers;
    this.#options = options;
    this.#toError = errorTranslator(options.onDefect);
    setMaxListeners(0, this.#ending.signal); // one for each open call
    this.methods = {
      ...unaryMethods(handlers, options.gated, this.#toError),
      ...this.#streamMethods(),
    };
  }

  endStreams(): void {
    for (const follower of this.#followers) follower.end();
    this.#ending.abort();
  }

  close(): void {
    this.#localPeers.close();
  }

  #streamMethods(): UntypedServiceImplementation {
    const [handlers, { gated }, ending] = [this.#handlers, this.#options, this.#ending.signal];
    const { memoryOf } = this.#localPeers;
    const reception = { ...this.#options, clock: systemClock, memoryOf };
    return {
      follow: (call: EncodedStream<FollowRequest>) => this.#follow(call),
      fetch: (call: EncodedStream<FetchRequest>) => this.#fetch(call),
      take: (call: Parameters<LockstepServer['take']>[0]) =>
        this.#endWith(call, 'Take', serveTakes(call, handlers, ending, callerOf(call, gated))),
      submit: (call: Parameters<LockstepServer['submit']>[0]) => {
        const caller = callerOf(call, gated);
        const work = receiveContributions(call, handlers, reception, ending, caller);
        this.#endWith(call, 'Submit', work);
      },
      uploadState: (call: Parameters<LockstepServer['uploadState']>[0], reply: Reply<unknown>) => {
        const caller = callerOf(call, gated);
        const receive = () => receiveState(call, handlers, reception, caller);
        answer(reply, 'UploadState', this.#toError, receive);
      },
    };
  }

  #follow(call: EncodedStream<FollowRequest>): void {
    const caller = callerOf(call, this.#options.gated);
    const follower = this.#open(call, this.#localPeers.meet(call.request, caller));
    attempt(() => this.#handlers.follow(call.request, follower, caller)).catch((error: unknown) =>
      follower.fail(this.#toError('Follow', error)),
    );
  }

  #fetch(call: EncodedStream<FetchRequest>): void {
    const caller = callerOf(call, this.#options.gated);
    const follower = this.#open(call);
    attempt(() => this.#handlers.fetch(call.request, caller)).then(
      (answer) => {
        if (answer.kind === 'refused') return follower.refuse(answer);
        follower.send(answer);
        follower.end();
      },
      (error: unknown) => follower.fail(this.#toError('Fetch', error)),
    );
  }

  #open(call: EncodedStream<unknown>, localPeer?: LocalPeer): FollowerStream {
    const follower = new FollowerStream(call, this.#options.maxQueuedBytes, localPeer?.ring);
    this.#followers.add(follower);
    const over = (): void => {
      this.#followers.delete(follower);
      localPeer?.leave();
    };
    if (follower.signal.aborted) over();
    else follower.signal.addEventListener('abort', over);
    if (localPeer) follower.send(encodeMemory(localPeer.offer));
    return follower;
  }

  #endWith(
    call: Pick<ServerDuplexStream<unknown, unknown>, 'emit' | 'end'>,
    method: string,
    work: Promise<void>,
  ): void {
    work.then(
      () => call.end(),
      (error: unknown) => failStream(call, this.#toError(method, error)),
    );
  }
}

function unaryMethods(handlers: ProtocolHandlers, gated: boolean, toError: ToError): Unary {
  const method =
    <Request, Response>(
      name: string,
      handle: (request: Request, caller: Caller) => Response | Promise<Response>,
    ) =>
    (call: ServerUnaryCall<Request, Response>, reply: Reply<Response>): void =>
      answer(reply, name, toError, () => handle(call.request, callerOf(call, gated)));

  return {
    describe: method('Describe', () => handlers.describe()),
    register: method('Register', async (request, caller) =>
      writeRegisterOutcome(await handlers.register(request, caller)),
    ),
    submitEvaluation: method('SubmitEvaluation', async (result, caller) =>
      writeSubmitOutcome(
        await handlers.submitEvaluation(withShard(result, 'EvaluationResult'), caller),
      ),
    ),
    heartbeat: method('Heartbeat', (request, caller) => handlers.heartbeat(request, caller)),
    leave: method('Leave', async (request, caller) => {
      await handlers.leave(request, caller);
      return {};
    }),
  };
}

/**
 * Replies to requests for grants, one after another, until the stream ends; throws what the handler
 * throws, or if the stream breaks.
 *
 * @param ending aborted when no further request is to be served
 */
async function serveTakes(
  call: Pick<ServerDuplexStream<TakeRequest, TakeReply>, 'end' | 'iterator' | 'write'>,
  handlers: Pick<ProtocolHandlers, 'take'>,
  ending: AbortSignal,
  caller: Caller,
): Promise<void> {
  // The end of the requests is not the end of the call: its status is still to be sent.
  const requests: AsyncIterator<TakeRequest> = call.iterator({ destroyOnReturn: false });
  while (!ending.aborted) {
    const next = await nextUnlessEnding(requests, call, ending);
    if (next.done) return;
    const outcome = await handlers.take(withShard(next.value, 'TakeRequest'), caller);
    call.write(writeTakeOutcome(outcome));
  }
}

type Reply<Response> = sendUnaryData<Response>;
type ToError = (method: string, error: unknown) => Error & ServerErrorResponse;

function answer<Response>(
  reply: Reply<Response>,
  name: string,
  toError: ToError,
  work: () => Response | Promise<Response>,
): void {
  attempt(work).then(
    (response) => reply(null, response),
    (error: unknown) => reply(toError(name, error)),
  );
}

/** Runs a handler, turning synchronous exceptions into rejections. */
async function attempt<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  return work();
}

/** Passes LockstepErrors and statuses on to the caller; reports and hides defects. */
function errorTranslator(onDefect: ServiceOptions['onDefect']): ToError {
  return (method, error) => {
    if (error instanceof LockstepError) return toServiceError(error);
    if (error instanceof Error && isBrokenStream(error)) return error;
    onDefect(method, error);
    return toServiceError(new LockstepError('internal', `the coordinator failed in ${method}`));
  };
}

/** A stream that its peer broke, or that stalled, is not a defect of a handler. */
function isBrokenStream(error: Error): boolean {
  if (!('code' in error)) return false;
  return typeof error.code === 'number' || error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
