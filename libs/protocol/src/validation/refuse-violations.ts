import { status } from '@grpc/grpc-js';
import type { BeginCheck, CallCheck } from '../check-calls.js';
import { toServiceError } from '../grpc-errors.js';
import { RefusedMessage } from './checked-service.js';

/**
 * Ends a call whose message the protocol does not allow, before a handler sees it: with status
 * INVALID_ARGUMENT and the error `protocol-violation`.
 *
 * @param onViolation called with the message's name and what was wrong
 */
export function refuseViolations(
  onViolation: (messageName: string, what: string) => void,
): BeginCheck {
  const check: CallCheck = {
    message: (message) => {
      if (!(message instanceof RefusedMessage)) return undefined;
      const { messageName, violation } = message;
      onViolation(messageName, violation.message);
      const { details = violation.message, metadata } = toServiceError(violation);
      return { code: status.INVALID_ARGUMENT, details, metadata: metadata ?? null };
    },
  };
  return () => check;
}
