import { Metadata, type ServerInterceptor, ServerInterceptingCall, status } from '@grpc/grpc-js';
import { LockstepError } from '@lockstep/core';
import { toServiceError } from './grpc-errors.js';
import type { Refusal } from './messages.js';

/** Lets calls in by the token that they carry. */
export interface Gate {
  /** @param token what came as `Authorization: Bearer …`, if anything did */
  admit(token: string | undefined): Admitted | Refusal;
}

export interface Admitted {
  readonly kind: 'admitted';
  /** Names the token, not its secret. */
  readonly holder: string;
}

/** Who calls. */
export interface Caller {
  /** Its address, for people to read. */
  readonly peer: string;
  /** Whose token it showed; absent where nobody is asked for one. */
  readonly holder?: string;
}

const AUTHORIZATION = 'authorization';
const HOLDER = 'lockstep-holder';
const REFUSAL = 'lockstep-refusal';
/** Kubernetes and load balancers have no token. */
const OPEN = '/grpc.health.v1.Health/';

/**
 * Asks the gate before every call of every method but the health checks, one that is added later
 * too. A refused call ends with status UNAUTHENTICATED and the reason in `lockstep-refusal`; the
 * token goes no further than here.
 */
export function gateInterceptor(gate: Gate): ServerInterceptor {
  return ({ path }, call) => {
    if (path.startsWith(OPEN)) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const outcome = gate.admit(bearer(metadata));
            metadata.remove(AUTHORIZATION);
            if (outcome.kind === 'refused') return call.sendStatus(unauthenticated(outcome));
            metadata.set(HOLDER, outcome.holder);
            pass(metadata);
          },
        }),
    });
  };
}

/** @param gated whether a gate has told whose token it was; what a client says itself is no proof */
export function callerOf(
  call: { readonly metadata: Metadata; getPeer(): string },
  gated: boolean,
): Caller {
  const [holder] = gated ? call.metadata.get(HOLDER) : [];
  return { peer: call.getPeer(), ...(typeof holder === 'string' ? { holder } : {}) };
}

/** The metadata that a client adds to every call. */
export function tokenMetadata(metadata: Metadata, token: string): Metadata {
  metadata.set(AUTHORIZATION, `Bearer ${token}`);
  return metadata;
}

function bearer(metadata: Metadata): string | undefined {
  const [value] = metadata.get(AUTHORIZATION);
  return typeof value === 'string' ? /^Bearer (\S+)$/i.exec(value)?.[1] : undefined;
}

type PartialStatus = Parameters<ServerInterceptingCall['sendStatus']>[0];

function unauthenticated({ reason, message }: Refusal): PartialStatus {
  const remedy = 'make a join token by `lockstep token create` and give the worker its file';
  const error = toServiceError(
    new LockstepError('worker-refused', `${reason}: ${message}`, { remedy }),
  );
  const metadata = error.metadata ?? new Metadata();
  metadata.set(REFUSAL, reason);
  return { code: status.UNAUTHENTICATED, details: error.message, metadata };
}
