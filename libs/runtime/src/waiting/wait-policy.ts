import type { ErrorCode, LockstepError } from '@lockstep/core';
import { RedisError, type Outlook } from '@lockstep/redis';

/**
 * Whether to wait for the end of a failure.
 *
 * @param lastsMs duration of this failure so far
 * @param waitedMs total waiting time
 */
export type WaitPolicy = (error: LockstepError, lastsMs: number, waitedMs: number) => boolean;

/** A failover takes seconds; a replica whose address was given by mistake remains a replica. */
const FAILOVER_MS = 30_000;
/** Enough for loading a data set or a failover in an interactive command. */
const ATTENDED_MS = 10_000;

/**
 * Other passing failures: a port or a run is still in use by an ending process, a volume is being
 * filled.
 */
const passing: readonly ErrorCode[] = [
  ...(['port-in-use', 'run-locked', 'data-not-found', 'model-not-found'] as const),
];

/** The expected duration of a kind of failure. */
export function outlookOf(error: LockstepError): Outlook {
  if (error instanceof RedisError) return error.failure.outlook;
  return passing.includes(error.code) ? 'passing' : 'lasting';
}

/** For supervised processes: waits without limit for passing failures. */
export const supervised: WaitPolicy = (error, lastsMs) => {
  const outlook = outlookOf(error);
  return outlook === 'passing' || (outlook === 'brief' && lastsMs < FAILOVER_MS);
};

/** For interactive commands: waits briefly, and only for a Redis that responds. */
export const attended: WaitPolicy = (error, _lastsMs, waitedMs) =>
  error instanceof RedisError &&
  error.failure.outlook !== 'lasting' &&
  error.code !== 'redis-unreachable' &&
  waitedMs < ATTENDED_MS;

/** For commands with a `--patience`: waits for passing failures for a limited time. */
export const patient =
  (patienceMs: number): WaitPolicy =>
  (error, lastsMs, waitedMs) =>
    waitedMs < patienceMs && supervised(error, lastsMs, waitedMs);
