import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { errorCatalogue, LockstepError, type ErrorCode } from '@lockstep/core';

const CODE = 'lockstep-code';
const REMEDY = 'lockstep-remedy';

/** A handler's error as a status that carries code and remedy to the other side. */
export function toServiceError(error: LockstepError): Error & Partial<ServiceError> {
  const metadata = new Metadata();
  metadata.set(CODE, error.code);
  if (error.remedy !== undefined) metadata.set(REMEDY, encodeURIComponent(error.remedy));
  const details = error.message;
  return Object.assign(new Error(details), { code: status.FAILED_PRECONDITION, details, metadata });
}

/** What a call that the other side ended came to, where it was to last. */
export function endOfStream(): Error & Partial<ServiceError> {
  const details = 'the call was ended';
  return Object.assign(new Error(details), {
    ...{ code: status.UNAVAILABLE, details, metadata: new Metadata() },
  });
}

/** Statuses that mean the coordinator, or the way to it, is gone. */
const UNREACHABLE = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED];

/** What a connection that failed for its certificates says; one that only broke is tried again. */
const UNTRUSTED = /certificate|ALTNAME|SSL routines/i;

/** The words of grpc-js for a call whose channel was closed, or replaced, before it connected. */
const NOT_CONNECTED = 'Channel closed before call started';

/** What a failed call means to the caller. */
export function fromServiceError(thrown: unknown, call: string, address: string): LockstepError {
  if (thrown instanceof LockstepError) return thrown;
  if (!isServiceError(thrown)) return LockstepError.from(thrown, 'protocol-violation');
  const [code] = thrown.metadata?.get(CODE) ?? [];
  const [remedy] = thrown.metadata?.get(REMEDY) ?? [];
  if (isErrorCode(code)) {
    return new LockstepError(code, thrown.details, {
      cause: thrown,
      ...(typeof remedy === 'string' && { remedy: decodeRemedy(remedy) }),
    });
  }
  if (thrown.code === status.UNAVAILABLE && UNTRUSTED.test(thrown.details)) {
    return new LockstepError(
      'certificate-refused',
      `no safe connection to the coordinator at ${address}: ${lastError(thrown.details)}`,
      {
        cause: thrown,
        remedy:
          '--tls-ca must hold the authority of the coordinator’s certificate, which must name the ' +
          'host; where the coordinator has --tls-ca, this end needs --tls-cert and --tls-key',
      },
    );
  }
  if (UNREACHABLE.includes(thrown.code) || thrown.details.startsWith('Received RST_STREAM')) {
    return new LockstepError(
      'coordinator-unreachable',
      `${call} got no answer from the coordinator at ${address}: ${reasonOf(thrown.details)}`,
      { cause: thrown, remedy: 'check that the coordinator runs and that the address is its own' },
    );
  }
  return new LockstepError(
    'protocol-violation',
    `${call} failed at ${address}: ${thrown.details} (${status[thrown.code]})`,
    {
      cause: thrown,
      remedy: 'use the same version of Lockstep for the coordinator and all workers',
    },
  );
}

/** The reason in what grpc-js says of a connection, without the words and numbers around it. */
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
    return decodeURIComponent(remedy);
  } catch {
    return remedy;
  }
}
