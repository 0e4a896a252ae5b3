import { once } from 'node:events';
import { connect } from 'node:tls';
import { addressOf, type RedisAddress, type RedisAt } from './redis-address.js';
import { createRedisClient, withinDeadline, type RedisClient } from './redis-client.js';
import { classifyRedisFailure, RedisError } from './redis-failure.js';
import type { RedisFailure } from './redis-states.js';

/** Properties that a Redis reports. */
export interface RedisFacts {
  /** Product and version, such as `Redis 7.0.15` or `Valkey 9.1.2`. */
  readonly server: string;
  /** The version of Redis that it is compatible with. */
  readonly redisVersion: string;
  /** Empty if the server does not report it. */
  readonly evictionPolicy: string;
}

/** The oldest Redis that BullMQ works with. */
export const OLDEST_REDIS = '6.2';

/**
 * Connects, authenticates, reads the server's properties and writes one key, within `timeoutMs`.
 *
 * @param signal aborts the check, which then fails
 * @throws LockstepError `bad-option` for an invalid address, else a RedisError that names the state
 */
export async function checkRedis(
  at: RedisAt,
  timeoutMs = 5_000,
  signal?: AbortSignal,
): Promise<RedisFacts> {
  const address = addressOf(at);
  const client = createRedisClient(address, 'probe', timeoutMs);
  const refusals: Error[] = [];
  client.on('error', (error: Error) => {
    if (error.name === 'ReplyError') refusals.push(error);
  });
  const giveUp = (): void => client.disconnect();
  signal?.addEventListener('abort', giveUp, { once: true });
  const asking = connectAndAsk(client, address, refusals);
  try {
    return await withinDeadline(asking, timeoutMs, address, client);
  } catch (error) {
    const ask = signal?.aborted !== true;
    throw ask && (await speaksTls(address, error)) ? tlsError(address, error) : error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
    client.disconnect();
  }
}

async function connectAndAsk(
  client: RedisClient,
  address: RedisAddress,
  refusals: readonly Error[],
): Promise<RedisFacts> {
  await client.connect();
  await client.ping();
  const info = await client.info();
  // ioredis continues when the server refuses the database or the login.
  if (refusals[0]) throw refusals[0];
  const facts = factsFrom(info);
  const fault = faultOf(info, facts, address);
  if (fault) throw new RedisError(fault, address);
  await proveWritable(client, { isCluster: /^cluster_enabled:1/m.test(info) });
  return facts;
}

function factsFrom(info: string): RedisFacts {
  const redisVersion = field(info, 'redis_version');
  const others = [
    ['Valkey', field(info, 'valkey_version')],
    ['Dragonfly', field(info, 'dragonfly_version').replace(/^df-v?/, '')],
    ['Garnet', field(info, 'garnet_version')],
  ] as const;
  const [name, version] = others.find(([, found]) => found !== '') ?? ['Redis', redisVersion];
  const evictionPolicy = field(info, 'maxmemory_policy');
  return { server: `${name} ${version}`, redisVersion, evictionPolicy };
}

function field(info: string, name: string): string {
  return info.match(new RegExp(`^${name}:(.*?)\r?$`, 'm'))?.[1] ?? '';
}

/** Why a responding server is unusable, if it is. */
function faultOf(
  info: string,
  { redisVersion }: RedisFacts,
  { kind }: RedisAddress,
): RedisFailure | undefined {
  const lasting = { outlook: 'lasting', code: 'not-redis' } as const;
  if (field(info, 'redis_mode') === 'sentinel' && kind !== 'sentinel') {
    const remedy = 'write redis-sentinel://host:26379,host:26379/master';
    return { ...lasting, state: 'SENTINEL', says: 'is a sentinel, not a server', remedy };
  }
  const remedy = `use Redis ${OLDEST_REDIS} or newer`;
  if (redisVersion === '') {
    return { ...lasting, state: 'NO-VERSION', says: 'names no version', remedy };
  }
  if (isAtLeast(redisVersion, OLDEST_REDIS)) return undefined;
  const says = `is version ${redisVersion}, older than ${OLDEST_REDIS}`;
  return { ...lasting, state: 'TOO-OLD', says, remedy };
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

const TLS_TIMEOUT_MS = 2_000;

/** A server that waits for a TLS handshake closes a plain connection without a reply. */
async function speaksTls(address: RedisAddress, error: unknown): Promise<boolean> {
  if (address.kind !== 'server' || address.login.tls !== undefined) return false;
  if (!(error instanceof RedisError) || error.failure.state !== 'CLOSED') return false;
  // No data is exchanged: the certificate need not be verified.
  const socket = connect({ ...address.node, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TLS_TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function tlsError(address: RedisAddress, cause: unknown): RedisError {
  return new RedisError(classifyRedisFailure('answers a TLS handshake'), address, cause);
}

/** Writes a key and removes it again, as the queue does: in a script. */
const SCRIPT = `redis.call('SET', KEYS[1], '1', 'PX', 1000); redis.call('DEL', KEYS[1]); return 1`;
/** Number of hash slots to test, so that larger clusters are tested on several nodes. */
const CLUSTER_KEYS = 16;

/**
 * Checks that scripts may write. PING also succeeds on a replica, on a server whose memory or disk
 * is full, and for a user without rights; this does not.
 *
 * @param tag of the key's slot; begins with `lockstep-`, as the documented rights of the user require
 * @throws the server's reply
 */
export async function proveWritable(
  client: RedisClient,
  { isCluster = false, tag = 'lockstep-probe' }: { isCluster?: boolean; tag?: string } = {},
): Promise<void> {
  const tags = isCluster ? Array.from({ length: CLUSTER_KEYS }, (_, n) => `${tag}-${n}`) : [tag];
  await Promise.all(tags.map((each) => client.eval(SCRIPT, 1, `{${each}}:probe`)));
}
