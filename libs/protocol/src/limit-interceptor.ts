import { type ServerInterceptor, ServerInterceptingCall, status } from '@grpc/grpc-js';
import { LockstepError } from '@lockstep/core';
import type { CallLimits, LimitReached } from './call-limits.js';
import { callerOf } from './gate.js';
import { toServiceError } from './grpc-errors.js';

/** gRPC's own hint of when to call again, in milliseconds (gRFC A6). */
const RETRY_AFTER = 'grpc-retry-pushback-ms';

/**
 * Limits the rate of every method, including methods added later: of calls, and of each further
 * message within a call. A call beyond a limit ends with status RESOURCE_EXHAUSTED. Comes after the
 * gate, which sets the holder.
 *
 * @param gated whether there is a gate
 * @param tooMany the status of a call beyond a limit
 */
export function limitInterceptor(
  limits: CallLimits,
  gated: boolean,
  tooMany: (reached: LimitReached) => PartialStatus,
): ServerInterceptor {
  return ({ path }, call) => {
    let count: (() => LimitReached | undefined) | undefined;
    let messages = 0;
    const passIfAllowed = (pass: () => void): void => {
      const reached = count?.();
      if (reached) call.sendStatus(tooMany(reached));
      else pass();
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            count = limits.begin(
              path,
              callerOf({ metadata, getPeer: () => call.getPeer() }, gated),
            );
            passIfAllowed(() => pass(metadata));
          },
          onReceiveMessage: (message, pass) => {
            messages += 1;
            // The first message was counted when the call began.
            if (messages === 1) return pass(message);
            passIfAllowed(() => pass(message));
          },
        }),
    });
  };
}

type PartialStatus = Parameters<ServerInterceptingCall['sendStatus']>[0];

/** The status of a call beyond a limit. */
export function exhausted({ kind, scope, waitMs }: LimitReached): PartialStatus {
  const pauseMs = Math.ceil(waitMs);
  const remedy = `wait ${pauseMs} ms before the next call`;
  const message = `too many ${kind} calls of one ${scope}`;
  const error = toServiceError(new LockstepError('too-many-requests', message, { remedy }));
  error.metadata?.set(RETRY_AFTER, String(pauseMs));
  return { code: status.RESOURCE_EXHAUSTED, details: message, metadata: error.metadata ?? null };
}
