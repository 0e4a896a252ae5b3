import { hostOf, isLoopback, LockstepError } from '@lockstep/core';

/** The fields of a request that identify its sender. */
export interface Sender {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/**
 * Refuses requests that a foreign web page in a user's browser could send: a request that changes
 * something and has another page's origin, and, on a loopback address, any request for a host name
 * that is not this machine's (DNS rebinding).
 *
 * @param bound the address listened on
 * @throws LockstepError `origin-refused`
 */
export function checkOrigin({ method, host, origin }: Sender, bound: string): void {
  if (isLoopback(bound) && host !== undefined && !isLoopback(hostOf(host))) {
    throw refused(`${host} is not a name of this coordinator`);
  }
  if (method === 'GET' || method === 'HEAD' || origin === undefined) return;
  if (origin !== `http://${host}` && origin !== `https://${host}`) {
    throw refused(`a page of ${origin} may not control this run`);
  }
}

function refused(message: string): LockstepError {
  return new LockstepError('origin-refused', message, {
    remedy: 'open the coordinator’s own address, as its header shows it',
  });
}
