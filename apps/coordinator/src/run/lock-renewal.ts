import { LockstepError } from '@lockstep/core';
import { isFull, LEASE_MS, RENEWAL_MS } from '@lockstep/store';

/** Others take a run over once the lease is over; this leaves time to stop before. */
const AT_RISK_MS = LEASE_MS - RENEWAL_MS;

/**
 * Whether a run may go on although its lock could not be renewed: for a passing reason, such as too
 * many open files, until another coordinator might take the run over.
 *
 * @param silentMs since the last renewal
 */
export function mayRenewLater(thrown: unknown, silentMs: number): boolean {
  const error = LockstepError.from(thrown);
  // Taking over needs disk space too, so no other coordinator can have superseded this one.
  return isFull(error) || (error.passing && silentMs < AT_RISK_MS);
}
