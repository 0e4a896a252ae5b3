import type { ErrorCode, LockstepError } from '@lockstep/core';
import { RedisError, type Outlook } from '@lockstep/redis';

/**
 * Whether a failure is to be waited out.
 *
 * @param lastsMs for how long this very failure has been seen
 * @param waitedMs for how long has been waited in all
 */
export type WaitPolicy = (error: LockstepError, lastsMs: number, waitedMs: number) => boolean;

/** A failover takes seconds; a replica whose address was given by mistake stays one. */
const FAILOVER_MS = 30_000;
/** Loading a data set, or a failover, while a person looks on. */
const ATTENDED_MS = 10_000;

/** What else ends by itself: a process that is just ending has a port or a run, a volume fills. */
const passing: readonly ErrorCode[] = [
  ...(['port-in-use', 'run-locked', 'data-not-found', 'model-not-found'] as const),
];

/** How long a failure of any kind may be expected to last. */
export function outlookOf(error: LockstepError): Outlook {
  if (error instanceof RedisError) return error.failure.outlook;
  return passing.includes(error.code) ? 'passing' : 'lasting';
}

/** For a process that a supervisor keeps running: waits without a bound for what passes. */
export const supervised: WaitPolicy = (error, lastsMs) => {
  const outlook = outlookOf(error);
  return outlook === 'passing' || (outlook === 'brief' && lastsMs < FAILOVER_MS);
};

/** For a command that a person looks at: waits briefly, and only for a Redis that answers. */
export const attended: WaitPolicy = (error, _lastsMs, waitedMs) =>
  error instanceof RedisError &&
  error.failure.outlook !== 'lasting' &&
  error.code !== 'redis-unreachable' &&
  waitedMs < ATTENDED_MS;

/** For a command with a patience of its own: waits for a bounded time for what passes. */
export const patient =
  (patienceMs: number): WaitPolicy =>
  (error, lastsMs, waitedMs) =>
    waitedMs < patienceMs && supervised(error, lastsMs, waitedMs);
