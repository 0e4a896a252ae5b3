import { LockstepError } from '@lockstep/core';
import {
  addressOf,
  createRedisClient,
  describeRedisAddress,
  type RedisAt,
  type RedisClient,
} from '@lockstep/redis';

/** What a Redis says of itself. */
export interface RedisFacts {
  /** The Redis version it speaks; Valkey names the one it is compatible with. */
  readonly version: string;
  readonly evictionPolicy: string;
}

/** The oldest Redis that BullMQ works with. */
export const OLDEST_REDIS = '6.2';

/**
 * Connects, authenticates and reads what the server is, within `timeoutMs`. Throws `bad-option` for
 * what is no address, `redis-unreachable` where nothing listens, `not-redis` where something else
 * or a Redis that cannot be used answers, `redis-refused` where one does not let its user in, and
 * `certificate-refused` where the two do not trust each other. No message holds a password.
 */
export async function checkRedis(at: RedisAt, timeoutMs = 5_000): Promise<RedisFacts> {
  const parsed = addressOf(at);
  const address = describeRedisAddress(parsed);
  const client = createRedisClient(parsed, 'probe', timeoutMs);
  let connected = false;
  let failure: Error | undefined;
  client.on('connect', () => (connected = true));
  client.on('error', (error: Error) => (failure ??= error));
  try {
    const info = await within(timeoutMs, connectAndAsk(client));
    return usable(factsFrom(info), address);
  } catch (error) {
    if (error instanceof LockstepError) throw error;
    throw explain(failure ?? (error as Error), connected, address);
  } finally {
    client.disconnect();
  }
}

async function connectAndAsk(client: RedisClient): Promise<string> {
  await client.connect();
  await client.ping();
  return client.info();
}

/** Silence after a connection is a failure too: an HTTP server waits for a longer request. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function factsFrom(info: string): RedisFacts {
  const field = (name: string): string =>
    info.match(new RegExp(`^${name}:(.*?)\r?$`, 'm'))?.[1] ?? '';
  return { version: field('redis_version'), evictionPolicy: field('maxmemory_policy') };
}

function usable(facts: RedisFacts, address: string): RedisFacts {
  if (facts.version === '' || !isAtLeast(facts.version, OLDEST_REDIS)) {
    const said = facts.version === '' ? 'names no version' : `is version ${facts.version}`;
    throw new LockstepError('not-redis', `the Redis at ${address} ${said}`, {
      remedy: `use Redis ${OLDEST_REDIS} or newer`,
    });
  }
  return facts;
}

/** Compares dotted versions number by number; missing numbers count as 0. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split('.').map(Number));
  for (let i = 0; i < (want?.length ?? 0); i++) {
    const difference = (have?.[i] ?? 0) - (want?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function explain(error: Error, connected: boolean, address: string): LockstepError {
  const message = error.message;
  if (/^NOPERM/.test(message)) {
    const said = `the Redis at ${address} does not let its user do what is needed: ${message}`;
    return new LockstepError('redis-refused', said, {
      remedy: 'give the user the rights that docs/security.md names',
      cause: error,
    });
  }
  if (/WRONGPASS|NOAUTH|invalid password|without any password/i.test(message)) {
    const said = `the Redis at ${address} refuses the user or password`;
    return new LockstepError('redis-refused', said, {
      remedy: 'name the user in the address, redis://user@host, and give --redis-password-file',
      cause: error,
    });
  }
  if (/certificate|altnames|SSL routines|alert/i.test(message)) {
    const said = /SSL routines:\w*:([^:]+):/.exec(message)?.[1] ?? message;
    return new LockstepError('certificate-refused', `no safe connection to ${address}: ${said}`, {
      remedy:
        '--redis-ca must hold the authority of its certificate, which must name the host; where ' +
        'it asks for one, --tls-cert and --tls-key are shown',
      cause: error,
    });
  }
  if (connected) {
    return new LockstepError('not-redis', `what answers at ${address} is not Redis`, {
      remedy: 'check host and port; for TLS write rediss://',
      cause: error,
    });
  }
  return new LockstepError('redis-unreachable', `no Redis at ${address}: ${message}`, {
    remedy: 'start it, correct the address, or leave it out to use an embedded Redis',
    cause: error,
  });
}
