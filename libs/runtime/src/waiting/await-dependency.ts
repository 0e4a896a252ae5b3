import { once } from 'node:events';
import { LockstepError } from '@lockstep/core';
import pRetry from 'p-retry';
import type { WaitPolicy } from './wait-policy.js';

/** How a process waits for a dependency. */
export interface Waiting {
  readonly policy: WaitPolicy;
  /** Longest pause between two attempts; by default 5,000. */
  readonly longestRetryMs?: number;
  /** Aborted to end the wait. */
  readonly signal?: AbortSignal;
  /** Called when a wait begins, and again for each new reason. */
  readonly onWaiting?: (error: LockstepError) => void;
  /** Called when a wait has ended. */
  readonly onReady?: () => void;
}

const BACK_OFF = { retries: Infinity, minTimeout: 100, randomize: true };

/**
 * Repeats an attempt until it succeeds, with exponential back-off and jitter, as long as the policy
 * allows.
 *
 * @throws LockstepError the last attempt's, when the policy does not allow another one; the signal's
 *   reason, at once, when that is aborted
 */
export async function awaitDependency<Value>(
  attempt: () => Promise<Value>,
  { policy, longestRetryMs = 5_000, signal, onWaiting, onReady }: Waiting,
): Promise<Value> {
  const said = new Set<string>();
  const since = new Map<string, number>();
  const began = performance.now();
  const mayWait = (error: LockstepError): boolean => {
    const now = performance.now();
    if (!since.has(error.message)) since.set(error.message, now);
    return policy(error, now - (since.get(error.message) ?? now), now - began);
  };
  const waiting = pRetry(attemptOnce(attempt), {
    ...BACK_OFF,
    maxTimeout: longestRetryMs,
    ...(signal && { signal }),
    shouldRetry: ({ error }) => {
      const failure = LockstepError.from(error);
      if (!mayWait(failure)) return false;
      if (!said.has(failure.message)) onWaiting?.(failure);
      said.add(failure.message);
      return true;
    },
  });
  const value = await (signal ? unlessAborted(signal, waiting) : waiting);
  if (said.size > 0) onReady?.();
  return value;
}

/** p-retry never repeats a TypeError, which a LockstepError is not. */
function attemptOnce<Value>(attempt: () => Promise<Value>): () => Promise<Value> {
  return () =>
    attempt().catch((error: unknown) => {
      throw LockstepError.from(error);
    });
}

/** Ends the wait at once, although an attempt in progress may take seconds. */
async function unlessAborted<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  const done = new AbortController();
  const aborted = async (): Promise<never> => {
    if (!signal.aborted) await once(signal, 'abort', { signal: done.signal });
    throw signal.reason;
  };
  try {
    return await Promise.race([work, aborted()]);
  } finally {
    done.abort();
  }
}
