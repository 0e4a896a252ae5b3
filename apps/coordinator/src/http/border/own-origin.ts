import { hostOf, isLoopback, LockstepError } from '@lockstep/core';

/** What of a request says who sent it. */
export interface Sender {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/**
 * Refuses what a foreign web page in a person's browser could send: a request that changes something
 * with another page's origin, and, on a loopback address, any with a name that only pretends to be
 * this machine (DNS rebinding).
 *
 * @param bound the address listened on
 * @throws LockstepError `origin-refused`
 */
export function checkOrigin({ method, host, origin }: Sender, bound: string): void {
  if (isLoopback(bound) && host !== undefined && !isLoopback(hostOf(host))) {
    throw refused(`${host} is no name of this coordinator`);
  }
  if (method === 'GET' || method === 'HEAD' || origin === undefined) return;
  if (origin !== `http://${host}` && origin !== `https://${host}`) {
    throw refused(`a page of ${origin} may not steer this run`);
  }
}

function refused(message: string): LockstepError {
  return new LockstepError('origin-refused', message, {
    remedy: 'open the coordinator’s own address, as its header shows it',
  });
}
