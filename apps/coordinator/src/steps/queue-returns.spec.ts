import { describe, expect, it } from 'vitest';
import type { Clock } from '@lockstep/core';
import { queueReturns } from './queue-returns.js';

/** A clock whose sleeps take no time, and how long each was to be. */
function instantClock(): { clock: Clock; slept: number[] } {
  const slept: number[] = [];
  const sleep = (ms: number): Promise<void> => Promise.resolve(void slept.push(ms));
  const none = (): (() => void) => () => undefined;
  const clock = { now: () => 0, monotonicNow: () => 0, after: none, every: none, sleep };
  return { slept, clock };
}

describe('queueReturns', () => {
  it('tries again with longer and longer pauses, and gives every reason once', async () => {
    const { clock, slept } = instantClock();
    const failures = ['a', 'a', 'b', 'a', 'b', 'a', 'c', 'a'];
    const given: string[] = [];
    const attempt = (): Promise<void> => {
      const failure = failures.shift();
      return failure === undefined ? Promise.resolve() : Promise.reject(new Error(failure));
    };
    await queueReturns(attempt, new AbortController().signal, clock, {
      reason: 'a',
      stillLost: (reason) => given.push(reason),
    });
    expect(given).toEqual(['b', 'c']);
    expect(slept).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000]);
  });

  it('ends when it is aborted', async () => {
    const { clock } = instantClock();
    const ending = new AbortController();
    let attempts = 0;
    const attempt = (): Promise<void> => {
      attempts += 1;
      if (attempts === 3) ending.abort();
      return Promise.reject(new Error('away'));
    };
    const lost = { reason: 'away', stillLost: () => undefined };
    await queueReturns(attempt, ending.signal, clock, lost);
    expect(attempts).toBe(3);
  });
});
