import { Metadata, status } from '@grpc/grpc-js';
import { LockstepError } from '@lockstep/core';
import type { ConnectionGuard } from '@lockstep/security';
import { HEALTH, type CallLimits, type LimitReached } from './call-limits.js';
import type { BeginCheck, PartialStatus } from './check-calls.js';
import { toServiceError } from './grpc-errors.js';
import type { Refusal } from './messages.js';
import type { Caller } from './protocol-handlers.js';

/** Admits calls by the token that they carry. */
export interface Gate {
  /** @param token from `Authorization: Bearer …`, if present */
  admit(token: string | undefined): Admitted | Refusal;
}

export interface Admitted {
  readonly kind: 'admitted';
  /** Name of the token, without its secret. */
  readonly holder: string;
}

const AUTHORIZATION = 'authorization';
const HOLDER = 'lockstep-holder';
const REFUSAL = 'lockstep-refusal';

/**
 * Checks every call of every method except the health checks, which have no token, including methods
 * added later. A refused call ends with status UNAUTHENTICATED and the reason in `lockstep-refusal`,
 * or, where too many from its address were refused, with `tooMany`; the token is removed here.
 *
 * @param gate absent: every call is admitted
 * @param connections learns which connections have proved who their peer is
 */
export function checkTokens(
  gate: Gate | undefined,
  connections: Pick<ConnectionGuard, 'asked' | 'admitted'>,
  limits: Pick<CallLimits, 'failed'>,
  tooMany: (reached: LimitReached) => PartialStatus,
): BeginCheck {
  return (path, call) => {
    const isOpen = path.startsWith(HEALTH);
    if (isOpen) connections.asked(call.getConnectionInfo());
    else if (!gate) connections.admitted(call.getConnectionInfo());
    if (isOpen || !gate) return {};
    return {
      metadata: (metadata) => {
        const outcome = gate.admit(bearer(metadata));
        metadata.remove(AUTHORIZATION);
        if (outcome.kind === 'refused') {
          const reached = limits.failed({ peer: call.getPeer() });
          return reached ? tooMany(reached) : unauthenticated(outcome);
        }
        connections.admitted(call.getConnectionInfo());
        metadata.set(HOLDER, outcome.holder);
        return undefined;
      },
    };
  };
}

/** @param gated whether a gate has set the holder; metadata from a client alone proves nothing */
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

function unauthenticated({ reason, message }: Refusal): PartialStatus {
  const remedy = 'create a join token with `lockstep token create` and pass its file to the worker';
  const error = toServiceError(
    new LockstepError('worker-refused', `${reason}: ${message}`, { remedy }),
  );
  const metadata = error.metadata ?? new Metadata();
  metadata.set(REFUSAL, reason);
  return { code: status.UNAUTHENTICATED, details: error.message, metadata };
}
