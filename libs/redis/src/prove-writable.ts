import type { RedisClient } from './redis-client.js';

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
