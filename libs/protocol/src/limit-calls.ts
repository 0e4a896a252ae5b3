import { status } from '@grpc/grpc-js';
import { LockstepError } from '@lockstep/core';
import type { CallLimits, LimitReached } from './call-limits.js';
import type { BeginCheck, PartialStatus } from './check-calls.js';
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
export function limitCalls(
  limits: CallLimits,
  gated: boolean,
  tooMany: (reached: LimitReached) => PartialStatus,
): BeginCheck {
  return (path, call) => {
    let count: (() => LimitReached | undefined) | undefined;
    let isFirst = true;
    const counted = (): PartialStatus | undefined => {
      const reached = count?.();
      return reached && tooMany(reached);
    };
    return {
      metadata: (metadata) => {
        count = limits.begin(path, callerOf({ metadata, getPeer: () => call.getPeer() }, gated));
        return counted();
      },
      message: () => {
        // The first message was counted when the call began.
        if (!isFirst) return counted();
        isFirst = false;
        return undefined;
      },
    };
  };
}

/** The status of a call beyond a limit. */
export function exhausted({ kind, scope, waitMs }: LimitReached): PartialStatus {
  const pauseMs = Math.ceil(waitMs);
  const remedy = `wait ${pauseMs} ms before the next call`;
  const message = `too many ${kind} calls of one ${scope}`;
  const error = toServiceError(new LockstepError('too-many-requests', message, { remedy }));
  error.metadata?.set(RETRY_AFTER, String(pauseMs));
  return { code: status.RESOURCE_EXHAUSTED, details: message, metadata: error.metadata ?? null };
}
