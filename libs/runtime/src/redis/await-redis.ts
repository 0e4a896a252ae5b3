import { checkRedis, type RedisAt, type RedisFacts } from '@lockstep/redis';
import { awaitDependency, type Waiting } from '../waiting/await-dependency.js';

/**
 * Checks a Redis, waiting for one whose state passes.
 *
 * @throws LockstepError as `checkRedis`, and the signal's reason
 */
export function awaitRedis(at: RedisAt, waiting: Waiting): Promise<RedisFacts> {
  return awaitDependency(() => checkRedis(at, undefined, waiting.signal), waiting);
}
