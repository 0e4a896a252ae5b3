import { LockstepError } from '@lockstep/core';
import { Cluster, Redis, type CommonRedisOptions } from 'ioredis';
import type { RedisAddress } from './redis-address.js';
import { classifyRedisFailure, isReply, redisErrorFrom } from './redis-failure.js';

export type RedisClient = Redis | Cluster;

/**
 * `producer`: a command fails at once while Redis is unreachable. `consumer`: it waits. `probe`:
 * one attempt to connect, on request.
 */
export type RedisRole = 'producer' | 'consumer' | 'probe';

/** Changes of a connection. After `lost` and `back` the stored data may be gone. */
export type Availability = 'lost' | 'back';

/**
 * Time limit of the reply to a command. If the host of Redis is lost, the kernel retransmits for a
 * quarter of an hour; after this time the connection is dropped, and a new one is tried. Longer
 * than BullMQ's wait for a job, which Redis answers within 2 s.
 */
const SILENCE_MS = 5_000;
/** Idle time after which the kernel tests a connection. */
const KEEPALIVE_MS = 5_000;

const backOff = (times: number): number => Math.min(50 * 2 ** times, 1_000);
const giveUp = (): null => null;

/** The last connection failure of each client, until it is ready again. */
const troubles = new WeakMap<RedisClient, unknown>();

/** Connects in the background, and reconnects when the connection is lost, unless it is a probe. */
export function createRedisClient(
  address: RedisAddress,
  role: RedisRole,
  connectTimeout = 5_000,
): RedisClient {
  const client = newClient(address, role, connectTimeout);
  client.on('error', (error: Error) => {
    troubles.set(client, error);
    // ioredis would continue in database 0, where other programs may have their data.
    if (role !== 'probe' && classifyRedisFailure(error).state === 'NO-SUCH-DATABASE') {
      client.disconnect(true);
    }
  });
  client.on('ready', () => troubles.delete(client));
  return client;
}

function newClient(address: RedisAddress, role: RedisRole, connectTimeout: number): RedisClient {
  const options = optionsFor(address, role, connectTimeout);
  const { retryStrategy } = options;
  switch (address.kind) {
    case 'socket':
      return new Redis({ ...options, path: address.path });
    case 'server':
      return new Redis({ ...options, ...address.node });
    case 'sentinel': {
      const { login } = address;
      return new Redis({
        ...options,
        sentinels: [...address.sentinels],
        name: address.masterName,
        sentinelRetryStrategy: retryStrategy,
        sentinelCommandTimeout: SILENCE_MS,
        // A sentinel needs at most a password: the user is only for the servers.
        ...(login.password && { sentinelPassword: login.password }),
        ...(login.tls && { enableTLSForSentinelMode: true, sentinelTLS: login.tls }),
      });
    }
    case 'cluster':
      return new Cluster([...address.nodes], {
        redisOptions: options,
        clusterRetryStrategy: retryStrategy,
        enableOfflineQueue: options.enableOfflineQueue,
        lazyConnect: options.lazyConnect,
      });
  }
}

function optionsFor({ login }: RedisAddress, role: RedisRole, connectTimeout: number) {
  const isProbe = role === 'probe';
  return {
    ...login,
    maxRetriesPerRequest: isProbe ? 0 : null,
    enableOfflineQueue: role !== 'producer',
    lazyConnect: isProbe,
    retryStrategy: isProbe ? giveUp : backOff,
    connectTimeout,
    socketTimeout: SILENCE_MS,
    keepAlive: KEEPALIVE_MS,
    // A probe reads every reply itself: no commands are sent automatically, and LOADING is not
    // awaited.
    enableReadyCheck: !isProbe,
    disableClientInfo: isProbe,
  } satisfies CommonRedisOptions;
}

/** Reports when the connection is lost and when it is back, but not the first connection. */
export function watchAvailability(
  client: RedisClient,
  listener: (change: Availability) => void,
): () => void {
  let lost = false;
  const onClose = (): void => {
    if (!lost) listener('lost');
    lost = true;
  };
  const onReady = (): void => {
    if (lost) listener('back');
    lost = false;
  };
  client.on('close', onClose).on('ready', onReady);
  return () => void client.off('close', onClose).off('ready', onReady);
}

/** Names the failure of a client's command: by its reply, else by the connection's error. */
export function nameFailure(
  error: unknown,
  address: RedisAddress,
  client: RedisClient,
): LockstepError {
  if (error instanceof LockstepError || isReply(error)) return redisErrorFrom(error, address);
  return redisErrorFrom([troubles.get(client) ?? [], error].flat(), address);
}

/**
 * Runs a command with a deadline and names its failure.
 *
 * @throws RedisError
 */
export async function withinDeadline<Value>(
  work: Promise<Value>,
  deadlineMs: number,
  address: RedisAddress,
  client: RedisClient,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw nameFailure(error, address, client);
  } finally {
    clearTimeout(timer);
  }
}
