import { LockstepError, type ErrorCode } from '@lockstep/core';
import type { RedisAddress } from '@lockstep/redis';
import { checkRedis } from '@lockstep/runtime';

const HOPELESS: readonly ErrorCode[] = ['redis-refused', 'certificate-refused'];

/**
 * Asks Redis whether it lets this process in. One that is away now is no mistake: it is waited for.
 *
 * @throws LockstepError `redis-refused` or `certificate-refused`, which no patience mends
 */
export async function checkRedisLogin(redis: RedisAddress): Promise<void> {
  try {
    await checkRedis(redis);
  } catch (error) {
    const failure = LockstepError.from(error);
    if (HOPELESS.includes(failure.code)) throw failure;
  }
}
