import { LockstepError } from '@lockstep/core';
import { Cluster, Redis, type CommonRedisOptions } from 'ioredis';
import { describeRedisAddress, type RedisAddress } from './redis-address.js';

export type RedisClient = Redis | Cluster;

/**
 * `producer`: a command fails at once while Redis is away. `consumer`: it waits, since a worker has
 * nothing better to do. `probe`: one attempt to connect, when it is told to.
 */
export type RedisRole = 'producer' | 'consumer' | 'probe';

/** What became of a connection. After `lost` and `back` what was stored may be gone. */
export type Availability = 'lost' | 'back';

/**
 * Bound on the reply to a command. If the host of Redis has gone, the kernel repeats what was sent for
 * a quarter of an hour; after this time the connection is dropped, and a new one is tried. Longer than
 * BullMQ's wait for a job, which Redis answers within 2 s.
 */
const SILENCE_MS = 5_000;
/** Until the kernel tests a connection without commands. */
const KEEPALIVE_MS = 5_000;

const backOff = (times: number): number => Math.min(50 * 2 ** times, 1_000);
const giveUp = (): null => null;

/** Connects in the background, and again whenever the connection is lost, unless it is a probe. */
export function createRedisClient(
  address: RedisAddress,
  role: RedisRole,
  connectTimeout = 5_000,
): RedisClient {
  const { login } = address;
  const isProbe = role === 'probe';
  const retryStrategy = isProbe ? giveUp : backOff;
  const options = {
    ...login,
    maxRetriesPerRequest: isProbe ? 0 : null,
    enableOfflineQueue: role !== 'producer',
    lazyConnect: isProbe,
    retryStrategy,
    connectTimeout,
    socketTimeout: SILENCE_MS,
    keepAlive: KEEPALIVE_MS,
  } satisfies CommonRedisOptions;
  switch (address.kind) {
    case 'socket':
      return new Redis({ ...options, path: address.path });
    case 'server':
      return new Redis({ ...options, ...address.node });
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: [...address.sentinels],
        name: address.masterName,
        sentinelRetryStrategy: retryStrategy,
        sentinelCommandTimeout: SILENCE_MS,
        // A sentinel asks for a password at most: the user is the servers' own.
        ...(login.password && { sentinelPassword: login.password }),
        ...(login.tls && { enableTLSForSentinelMode: true, sentinelTLS: login.tls }),
      });
    case 'cluster':
      return new Cluster([...address.nodes], {
        redisOptions: options,
        clusterRetryStrategy: retryStrategy,
        enableOfflineQueue: options.enableOfflineQueue,
        lazyConnect: isProbe,
      });
  }
}

/** Tells when the connection is lost and when it is back; the first connection is no change. */
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

/**
 * Bounds a command by a deadline and names its failure.
 *
 * @throws LockstepError `redis-unreachable`
 */
export async function withinDeadline<Value>(
  work: Promise<Value>,
  deadlineMs: number,
  address: RedisAddress,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    if (error instanceof LockstepError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LockstepError(
      'redis-unreachable',
      `Redis at ${describeRedisAddress(address)} did not take a command: ${reason}`,
      { cause: error, remedy: 'check that Redis runs there and answers PING' },
    );
  } finally {
    clearTimeout(timer);
  }
}
