import { LockstepError } from '@lockstep/core';
import { parseRedisAddress, redisErrorFrom } from '@lockstep/redis';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attended, awaitDependency, patient, supervised } from './await-dependency.js';

const address = parseRedisAddress('redis://host');
const redis = (text: string): LockstepError =>
  redisErrorFrom(Object.assign(new Error(text), { name: 'ReplyError' }), address);
const loading = redis('LOADING');
const refused = redis('WRONGPASS');
const closed = redisErrorFrom(
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  address,
);

/** Fails with each of these errors in turn, then succeeds. */
const failing =
  (...errors: readonly Error[]): (() => Promise<string>) =>
  () => {
    const [next, ...rest] = errors;
    errors = rest;
    return next ? Promise.reject(next) : Promise.resolve('usable');
  };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('awaitDependency', () => {
  it('reports each reason once, and the end of the wait', async () => {
    const said: string[] = [];
    const waiting = awaitDependency(failing(closed, closed, loading, closed, loading, closed), {
      policy: supervised,
      onWaiting: ({ code }) => said.push(code),
      onReady: () => said.push('ready'),
    });
    await vi.runAllTimersAsync();
    expect(await waiting).toBe('usable');
    expect(said).toEqual(['redis-unreachable', 'redis-not-ready', 'ready']);
  });

  it('reports nothing without a wait', async () => {
    const said = vi.fn();
    await awaitDependency(failing(), { policy: supervised, onWaiting: said, onReady: said });
    expect(said).not.toHaveBeenCalled();
  });

  it('waits longer and longer, and no longer than the longest retry', async () => {
    const at: number[] = [];
    const attempt = (): Promise<never> => {
      at.push(performance.now());
      return Promise.reject(loading);
    };
    const ending = new AbortController();
    const waiting = awaitDependency(attempt, {
      ...{ policy: supervised, signal: ending.signal, longestRetryMs: 2_000 },
    });
    waiting.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    ending.abort('over');
    const pauses = at.slice(1).map((moment, n) => moment - (at[n] ?? 0));
    expect(pauses[0]).toBeLessThanOrEqual(210);
    expect(Math.max(...pauses)).toBeLessThan(2_100);
    expect(pauses.slice(6).every((pause) => pause > 1_900)).toBe(true);
    await expect(waiting).rejects.toBe('over');
  });

  it('ends at once when it is aborted, also during an attempt', async () => {
    const ending = new AbortController();
    const never = (): Promise<never> => new Promise(() => undefined);
    const waiting = awaitDependency(never, { policy: supervised, signal: ending.signal });
    ending.abort('interrupted');
    await expect(waiting).rejects.toBe('interrupted');
  });

  it('does not wait for lasting failures', async () => {
    await expect(awaitDependency(failing(refused), { policy: supervised })).rejects.toBe(refused);
  });
});

describe('the policies', () => {
  it('wait for a replica only as long as a failover takes', () => {
    const replica = redis('READONLY');
    expect(supervised(replica, 29_000, 29_000)).toBe(true);
    expect(supervised(replica, 31_000, 31_000)).toBe(false);
    expect(attended(replica, 0, 0)).toBe(true);
  });

  it('wait on a terminal briefly, and for a Redis that answers only', () => {
    expect(attended(loading, 9_000, 9_000)).toBe(true);
    expect(attended(loading, 11_000, 11_000)).toBe(false);
    expect(attended(closed, 0, 0)).toBe(false);
  });

  it.each(['port-in-use', 'run-locked', 'data-not-found', 'model-not-found'] as const)(
    'wait for %s under a supervisor only',
    (code) => {
      const error = new LockstepError(code, 'x');
      expect([supervised(error, 0, 0), attended(error, 0, 0)]).toEqual([true, false]);
    },
  );

  it('are never more patient than the supervised one', () => {
    const errors = fc.constantFrom(loading, refused, closed, redis('READONLY'), redis('ERR odd'));
    fc.assert(
      fc.property(errors, fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), (error, lasts, waited, limit) => {
        const allowed = supervised(error, lasts, waited);
        if (patient(limit)(error, lasts, waited))
          expect([allowed, waited < limit]).toEqual([true, true]);
        if (attended(error, Math.min(lasts, waited), waited)) {
          expect(supervised(error, Math.min(lasts, waited), waited)).toBe(true);
        }
      }),
    );
  });
});
