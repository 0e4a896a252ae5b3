import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { errorCatalogue, LockstepError, printable, type ErrorCode } from '@lockstep/core';

const CODE = 'lockstep-code';
const REMEDY = 'lockstep-remedy';

/** Converts a handler's error to a status with its code and remedy. */
export function toServiceError(error: LockstepError): Error & Partial<ServiceError> {
  const metadata = new Metadata();
  metadata.set(CODE, error.code);
  if (error.remedy !== undefined) metadata.set(REMEDY, encodeURIComponent(error.remedy));
  const details = error.message;
  const code =
    error.code === 'protocol-violation' ? status.INVALID_ARGUMENT : status.FAILED_PRECONDITION;
  return Object.assign(new Error(details), { code, details, metadata });
}

/** The error of a long-lived call that the other side ended. */
export function endOfStream(): Error & Partial<ServiceError> {
  const details = 'the call was ended';
  return Object.assign(new Error(details), {
    ...{ code: status.UNAVAILABLE, details, metadata: new Metadata() },
  });
}

/** Statuses that mean that the coordinator cannot be reached. */
const UNREACHABLE = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED];

/** Details of a connection that failed because of certificates; other failures are retried. */
const UNTRUSTED = /certificate|ALTNAME|SSL routines/i;

const SAME_VERSION = 'use the same version of Lockstep for the coordinator and all workers';
const REACH = 'check that the coordinator is running and that the address is correct';
const TRUST =
  '--tls-ca must contain the authority of the coordinator’s certificate, which must name the ' +
  'host; if the coordinator has --tls-ca, this end needs --tls-cert and --tls-key';

/** Details of a call whose channel was closed, or replaced, before it connected. */
const NOT_CONNECTED = 'Channel closed before call started';

/** Converts the error of a call to a LockstepError. */
export function fromServiceError(thrown: unknown, call: string, address: string): LockstepError {
  if (thrown instanceof LockstepError) return thrown;
  if (!isServiceError(thrown)) return LockstepError.from(thrown, 'protocol-violation');
  // It is the other end's text.
  const details = printable(thrown.details);
  const [code] = thrown.metadata?.get(CODE) ?? [];
  const [remedy] = thrown.metadata?.get(REMEDY) ?? [];
  if (isErrorCode(code)) {
    return new LockstepError(code, details, {
      cause: thrown,
      ...(typeof remedy === 'string' && { remedy: decodeRemedy(remedy) }),
    });
  }
  if (thrown.code === status.UNAVAILABLE && UNTRUSTED.test(details)) {
    const message = `no secure connection to the coordinator at ${address}: ${lastError(details)}`;
    return new LockstepError('certificate-refused', message, { cause: thrown, remedy: TRUST });
  }
  if (UNREACHABLE.includes(thrown.code) || details.startsWith('Received RST_STREAM')) {
    const message = `${call} got no response from the coordinator at ${address}: ${reasonOf(details)}`;
    return new LockstepError('coordinator-unreachable', message, { cause: thrown, remedy: REACH });
  }
  const message = `${call} failed at ${address}: ${details} (${status[thrown.code]})`;
  return new LockstepError('protocol-violation', message, { cause: thrown, remedy: SAME_VERSION });
}

/** The reason in the details of grpc-js, without the surrounding text. */
function lastError(details: string): string {
  const [, reason = details] = /Last error: (?:Error(?: \[\w+\])?: )?(.*)/s.exec(details) ?? [];
  const [, routine] = /SSL routines:\w*:([^:]+):/.exec(reason) ?? [];
  return routine ?? reason.replace(/\.? Resolution note:.*$/s, '');
}

function reasonOf(details: string): string {
  return details === NOT_CONNECTED ? 'no connection was established in time' : lastError(details);
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'number';
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCatalogue, code);
}

function decodeRemedy(remedy: string): string {
  try {
    return printable(decodeURIComponent(remedy));
  } catch {
    return printable(remedy);
  }
}
