import { type Clock, systemClock } from '@lockstep/core';
import { startEngine, type Engine, type EngineSettings } from '@lockstep/engine';
import {
  createProtocolServer,
  type ProtocolHandlers,
  type ProtocolServer,
  type ProtocolServerOptions,
} from '@lockstep/protocol';
import { createBullQueue, type RedisAt, type ShardQueue } from '@lockstep/queue';
import type { QueueView } from '@lockstep/queue/view';
import { checkRedis, type RedisFacts } from '@lockstep/runtime';

/** What a coordinator reaches outside its process. */
export interface CoordinatorPorts {
  readonly clock: Clock;
  /** @throws LockstepError `tensorflow-unavailable` or `device-unavailable` */
  startEngine(settings: EngineSettings): Promise<Engine>;
  /** Listens for workers. @throws LockstepError `port-in-use` or `bad-option` */
  listen(handlers: ProtocolHandlers, options: ProtocolServerOptions): Promise<ProtocolServer>;
  /** @throws LockstepError that names the state of a Redis that cannot be used */
  checkRedis(redis: RedisAt, signal: AbortSignal): Promise<RedisFacts>;
  /** @param queue its name */
  openQueue(redis: RedisAt, queue: string): ShardQueue;
  /** Opens the queue for users to inspect. */
  viewQueue(redis: RedisAt, queue: string): Promise<QueueView>;
}

export const realPorts: CoordinatorPorts = {
  clock: systemClock,
  startEngine,
  listen: createProtocolServer,
  checkRedis: (redis, signal) => checkRedis(redis, undefined, signal),
  openQueue: (redis, queue) => createBullQueue({ redis, queue }),
  viewQueue: async (redis, queue) =>
    new (await import('@lockstep/queue/view')).QueueView({ redis, queue }),
};
