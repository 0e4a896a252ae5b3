import {
  type Metadata,
  type ServerInterceptor,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
} from '@grpc/grpc-js';

/** How a call ends. */
export type PartialStatus = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

/** What is checked of one call. Each method returns the status that ends the call, if there is one. */
export interface CallCheck {
  /** Called once, before the messages. */
  metadata?(metadata: Metadata): PartialStatus | undefined;
  message?(message: unknown): PartialStatus | undefined;
}

/** The check of a call that begins. */
export type BeginCheck = (path: string, call: ServerInterceptingCallInterface) => CallCheck;

/**
 * Applies checks to every call of every method, in their order: a call that one of them ends costs none of
 * those after it, and what still arrives is dropped. One interceptor for all of them, since each would add a
 * layer to every message of every call, in both directions.
 */
export function checkCalls(checks: readonly BeginCheck[]): ServerInterceptor {
  return ({ path }, call) => {
    const begun = checks.map((begin) => begin(path, call));
    let hasEnded = false;
    const end = (status: PartialStatus): void => {
      hasEnded = true;
      call.sendStatus(status);
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            for (const check of begun) {
              const status = check.metadata?.(metadata);
              if (status) return end(status);
            }
            pass(metadata);
          },
          onReceiveMessage: (message: unknown, pass) => {
            if (hasEnded) return;
            for (const check of begun) {
              const status = check.message?.(message);
              if (status) return end(status);
            }
            pass(message);
          },
        }),
    });
  };
}
