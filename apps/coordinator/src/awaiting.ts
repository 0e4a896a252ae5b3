import type { RedisAt } from '@lockstep/queue';
import { attended, awaitDependency, checkRedis, supervised } from '@lockstep/runtime';
import type { CoordinatorOptions } from './coordinator-options.js';
import type { HttpSide } from './http/http-side.js';
import type { Log } from './run-log.js';

/** Repeats an attempt at something that the coordinator depends on, as long as that may come yet. */
export interface Awaiting {
  <Value>(attempt: () => Promise<Value>): Promise<Value>;
  /** From here on the HTTP side says what is waited for. */
  tell(http: Pick<HttpSide, 'waitsFor'>): void;
}

/** @param stopping aborted to end a wait; its reason is thrown then */
export function createAwaiting(
  { stays = false, log }: Pick<CoordinatorOptions, 'stays' | 'log'>,
  stopping: AbortSignal,
): Awaiting {
  let http: Pick<HttpSide, 'waitsFor'> | undefined;
  const wait = <Value>(attempt: () => Promise<Value>): Promise<Value> =>
    awaitDependency(attempt, {
      policy: stays ? supervised : attended,
      signal: stopping,
      onWaiting: ({ code, message: reason }) => {
        log?.warn({ code, reason }, 'waiting');
        http?.waitsFor(reason);
      },
      onReady: () => {
        log?.info('the wait is over');
        http?.waitsFor(undefined);
      },
    });
  return Object.assign(wait, { tell: (side: Pick<HttpSide, 'waitsFor'>) => void (http = side) });
}

/** Checks Redis, and warns of one that may drop queued work. */
export async function checkUsable(
  redis: RedisAt,
  log: Log | undefined,
  stopping: AbortSignal,
): Promise<void> {
  const { server, evictionPolicy } = await checkRedis(redis, undefined, stopping);
  if (evictionPolicy === '' || evictionPolicy === 'noeviction') return;
  const remedy = 'set its maxmemory-policy to noeviction';
  log?.warn({ redis: server, evictionPolicy, remedy }, 'redis may drop queued work');
}
