import { LockstepError } from '@lockstep/core';
import { describeRedisAddress, parseRedisAddress } from '@lockstep/redis';
import { redisUrlFromEnvironment } from '../environment.js';
import type { Reporter } from '../reporter.js';
import { redisFromApt, redisFromWheel } from './fetch-redis.js';
import {
  findRedisOnPath,
  knownRedisProgram,
  rememberRedisProgram,
  type RedisProgram,
} from './find-redis.js';

/**
 * Makes sure that there is a Redis to start: one that an earlier set-up found, else one on PATH,
 * else one out of a wheel, else Debian's. Reports which, and why better ways failed. With
 * `REDIS_URL` set, nothing is done and undefined returned. Throws `redis-unavailable`.
 */
export async function ensureRedis(reporter: Reporter): Promise<RedisProgram | undefined> {
  const url = redisUrlFromEnvironment();
  if (url !== undefined) {
    reporter(
      `Redis: REDIS_URL names ${describeRedisAddress(parseRedisAddress(url, 'REDIS_URL'))}, so none is embedded`,
    );
    return undefined;
  }
  return knownRedisProgram() ?? (await obtainRedisProgram(reporter));
}

/** As `ensureRedis`, but ignores `REDIS_URL`. */
export async function obtainRedisProgram(reporter: Reporter): Promise<RedisProgram> {
  const reasons: string[] = [];
  const passOver = (reason: string): void => {
    reasons.push(reason);
    reporter(`Redis: passed over: ${reason}`);
  };
  for (const way of [findRedisOnPath, redisFromWheel, redisFromApt]) {
    const program = await way(passOver);
    if (program === undefined) continue;
    rememberRedisProgram(program);
    reporter(`Redis: ${program.version} (${program.kind}: ${program.path})`);
    return program;
  }
  throw new LockstepError('redis-unavailable', `no Redis server: ${reasons.join('; ')}`, {
    remedy: 'install redis-server, or set REDIS_URL to a running Redis of version 6.2 or newer',
  });
}
