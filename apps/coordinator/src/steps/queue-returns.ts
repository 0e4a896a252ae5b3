import { type Clock, LockstepError } from '@lockstep/core';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

/**
 * Repeats the attempt that failed, with exponential back-off, until it succeeds or the signal is
 * aborted. Another call to the queue could succeed while this one keeps failing.
 *
 * @param lost.reason why the first attempt failed
 * @param lost.stillLost called with each new reason
 */
export async function queueReturns(
  attempt: () => Promise<void>,
  signal: AbortSignal,
  clock: Clock,
  lost: { readonly reason: string; readonly stillLost: (reason: string) => void },
): Promise<void> {
  const given = new Set([lost.reason]);
  for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_RETRY_MS)) {
    await clock.sleep(waitMs);
    if (signal.aborted) return;
    try {
      return await attempt();
    } catch (error) {
      const { message } = LockstepError.from(error);
      if (!given.has(message)) lost.stillLost(message);
      given.add(message);
    }
  }
}
