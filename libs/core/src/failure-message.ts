import { errorCatalogue, LockstepError, type ErrorCode } from './errors.js';

/** The error with which a process ends, as a message to the Lockstep process that started it. */
export interface FailureMessage {
  readonly lockstep: 'failed';
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy?: string;
}

export function failureMessage({ code, message, remedy }: LockstepError): FailureMessage {
  return { lockstep: 'failed', code, message, ...(remedy === undefined ? {} : { remedy }) };
}

/** The error in a message of another process; undefined for any other message. */
export function failureIn(message: unknown): LockstepError | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { lockstep, code, message: text, remedy } = message as Record<string, unknown>;
  if (lockstep !== 'failed' || typeof code !== 'string' || !(code in errorCatalogue)) {
    return undefined;
  }
  return new LockstepError(code as ErrorCode, String(text), {
    ...(typeof remedy === 'string' ? { remedy } : {}),
  });
}
