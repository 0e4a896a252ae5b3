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

/** Converts handlers to a gRPC service. */
export function createService(
  handlers: ProtocolHandlers,
  options: ServiceOptions,
): { service: UntypedServiceImplementation; endStreams: () => void; close: () => void } {
  const toError = errorTranslator(options.onDefect);
  const followers = new Set<Follower>();
  const ending = new AbortController();
  setMaxListeners(0, ending.signal); // one for each open call
  const localPeers = new LocalPeers();
  const reception = { ...options, clock: systemClock, memoryOf: localPeers.memoryOf };
  const unary: Unary = unaryMethods(handlers, options.gated, toError);

  const open = (call: EncodedStream<unknown>, localPeer?: LocalPeer): FollowerStream => {
    const follower = new FollowerStream(call, options.maxQueuedBytes, localPeer?.ring);
    followers.add(follower);
    const over = (): void => {
      followers.delete(follower);
      localPeer?.leave();
    };
    if (follower.signal.aborted) over();
    else follower.signal.addEventListener('abort', over);
    if (localPeer) follower.send(encodeMemory(localPeer.offer));
    return follower;
  };
  const endWith = (
    call: Pick<ServerDuplexStream<unknown, unknown>, 'emit' | 'end'>,
    method: string,
    work: Promise<void>,
  ): void =>
    void work.then(
      () => call.end(),
      (error: unknown) => failStream(call, toError(method, error)),
    );
  const service: UntypedServiceImplementation = {
    ...unary,
    follow(call: EncodedStream<FollowRequest>) {
      const caller = callerOf(call, options.gated);
      const follower = open(call, localPeers.meet(call.request, caller));
      attempt(() => handlers.follow(call.request, follower, caller)).catch((error: unknown) =>
        follower.fail(toError('Follow', error)),
      );
    },
    fetch(call: EncodedStream<FetchRequest>) {
      const follower = open(call);
      attempt(() => handlers.fetch(call.request, callerOf(call, options.gated))).then(
        (answer) => {
          if (answer.kind === 'refused') return follower.refuse(answer);
          follower.send(answer);
          follower.end();
        },
        (error: unknown) => follower.fail(toError('Fetch', error)),
      );
    },
    take(call: Parameters<LockstepServer['take']>[0]) {
      const caller = callerOf(call, options.gated);
      endWith(call, 'Take', serveTakes(call, handlers, ending.signal, caller));
    },
    submit(call: Parameters<LockstepServer['submit']>[0]) {
      const caller = callerOf(call, options.gated);
      const work = receiveContributions(call, handlers, reception, ending.signal, caller);
      endWith(call, 'Submit', work);
    },
    uploadState(call: Parameters<LockstepServer['uploadState']>[0], reply: Reply<unknown>) {
      const caller = callerOf(call, options.gated);
      answer(reply, 'UploadState', toError, () => receiveState(call, handlers, reception, caller));
    },
  };
  const endStreams = (): void => {
    for (const follower of followers) follower.end();
    ending.abort();
  };
  return { service, endStreams, close: () => localPeers.close() };
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
