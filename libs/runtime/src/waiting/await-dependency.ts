import { keepAliveClock, LockstepError, type Clock, type ErrorCode } from '@lockstep/core';
import {
  checkRedis,
  RedisError,
  type Outlook,
  type RedisAt,
  type RedisFacts,
} from '@lockstep/redis';

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
function outlookOf(error: LockstepError): Outlook {
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

/** How a process waits for a dependency. */
export interface Waiting {
  readonly policy: WaitPolicy;
  /** Longest pause between two attempts, in milliseconds; by default 5,000. */
  readonly longestRetryMs?: number;
  /** Aborted to end the wait. */
  readonly signal?: AbortSignal;
  /** Called when a wait begins, and again for each new reason. */
  readonly onWaiting?: (error: LockstepError) => void;
  /** Called when a wait has ended. */
  readonly onReady?: () => void;
  /** The machine's own by default. */
  readonly clock?: Pick<Clock, 'monotonicNow' | 'sleep'>;
  /** At least 0 and less than 1: spreads the retries of many processes. */
  readonly random?: () => number;
}

const FIRST_RETRY_MS = 100;

/**
 * Repeats an attempt until it succeeds, with exponential back-off and jitter, as long as the policy
 * allows.
 *
 * @throws LockstepError the last attempt's, when the policy does not allow another one; the signal's
 *   reason, at once, when that is aborted
 */
export async function awaitDependency<Value>(
  attempt: () => Promise<Value>,
  waiting: Waiting,
): Promise<Value> {
  const { longestRetryMs = 5_000, signal, onWaiting, onReady } = waiting;
  const { clock = keepAliveClock, random = Math.random } = waiting;
  const allows = withDurations(waiting.policy, clock);
  const reported = new Set<string>();
  for (let backOffMs = FIRST_RETRY_MS; ; backOffMs = Math.min(2 * backOffMs, longestRetryMs)) {
    try {
      const value = await unlessAborted(signal, attempt);
      if (reported.size > 0) onReady?.();
      return value;
    } catch (error) {
      signal?.throwIfAborted();
      const failure = LockstepError.from(error);
      if (!allows(failure)) throw failure;
      if (!reported.has(failure.message)) onWaiting?.(failure);
      reported.add(failure.message);
    }
    await clock.sleep(Math.min(backOffMs * (1 + random()), longestRetryMs), signal);
    signal?.throwIfAborted();
  }
}

/** The policy, with the durations measured from now on: of each failure, and in all. */
function withDurations(
  policy: WaitPolicy,
  clock: Pick<Clock, 'monotonicNow'>,
): (error: LockstepError) => boolean {
  const began = clock.monotonicNow();
  const firstSeen = new Map<string, number>();
  return (error) => {
    const now = clock.monotonicNow();
    const since = firstSeen.get(error.message) ?? now;
    firstSeen.set(error.message, since);
    return policy(error, now - since, now - began);
  };
}

/** The attempt's result; the signal's reason, at once, when that is aborted first. */
async function unlessAborted<Value>(
  signal: AbortSignal | undefined,
  attempt: () => Promise<Value>,
): Promise<Value> {
  if (!signal) return attempt();
  signal.throwIfAborted();
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    const giveUp = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', giveUp, { once: true });
    stopListening = () => signal.removeEventListener('abort', giveUp);
  });
  try {
    return await Promise.race([attempt(), aborted]);
  } finally {
    stopListening();
  }
}

/**
 * Checks a Redis, waiting for one whose state passes.
 *
 * @throws LockstepError as `checkRedis`, and the signal's reason
 */
export function awaitRedis(at: RedisAt, waiting: Waiting): Promise<RedisFacts> {
  return awaitDependency(() => checkRedis(at, undefined, waiting.signal), waiting);
}
