import type { ObserveServer } from '@lockstep/observe';
import type { RedisAt } from '@lockstep/queue';
import { attended, awaitDependency, supervised } from '@lockstep/runtime';
import type { CoordinatorOptions } from './coordinator-options.js';
import type { CoordinatorPorts } from './ports.js';
import type { Log } from './run/limited-log.js';

/** Waits for what the coordinator depends on, and reports what it waits for. */
export class Dependencies {
  readonly #options: Pick<CoordinatorOptions, 'stays' | 'log'>;
  readonly #stopping: AbortSignal;
  #http: Pick<ObserveServer, 'waitsFor'> | undefined;

  /** @param stopping ends a wait, which then throws its reason */
  constructor(options: Pick<CoordinatorOptions, 'stays' | 'log'>, stopping: AbortSignal) {
    this.#options = options;
    this.#stopping = stopping;
  }

  /** From now on the HTTP API shows what is waited for. */
  showOn(http: Pick<ObserveServer, 'waitsFor'>): void {
    this.#http = http;
  }

  /** Repeats an attempt for as long as it may still succeed. */
  until<Value>(attempt: () => Promise<Value>): Promise<Value> {
    const { stays = false, log } = this.#options;
    return awaitDependency(attempt, {
      policy: stays ? supervised : attended,
      signal: this.#stopping,
      onWaiting: ({ code, message: reason }) => {
        log?.warn({ code, reason }, 'waiting');
        this.#http?.waitsFor(reason);
      },
      onReady: () => {
        log?.info('the wait is over');
        this.#http?.waitsFor(undefined);
      },
    });
  }
}

/** Checks Redis, and warns of one that may drop queued work. */
export async function checkUsable(
  { checkRedis }: Pick<CoordinatorPorts, 'checkRedis'>,
  redis: RedisAt,
  log: Log | undefined,
  stopping: AbortSignal,
): Promise<void> {
  const { server, evictionPolicy } = await checkRedis(redis, stopping);
  if (evictionPolicy === '' || evictionPolicy === 'noeviction') return;
  const remedy = 'set its maxmemory-policy to noeviction';
  log?.warn({ redis: server, evictionPolicy, remedy }, 'redis may drop queued work');
}
