import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
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
): ServerInterceptor {
  return (_method, call) => {
    let isRefused = false;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMessage: (message: unknown, pass) => {
            if (isRefused) return;
            if (!(message instanceof RefusedMessage)) return pass(message);
            isRefused = true;
            const { messageName, violation } = message;
            onViolation(messageName, violation.message);
            const { details = violation.message, metadata } = toServiceError(violation);
            call.sendStatus({ code: status.INVALID_ARGUMENT, details, metadata: metadata ?? null });
          },
        }),
    });
  };
}
