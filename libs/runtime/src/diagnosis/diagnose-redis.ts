import { LockstepError } from '@lockstep/core';
import { checkRedis, describeRedisAddress, parseRedisAddress } from '@lockstep/redis';
import { redisUrlFromEnvironment } from '../environment.js';
import { setUpCommand } from '../folders.js';
import { askVersion, findRedisOnPath, knownRedisProgram } from '../redis/find-redis.js';
import { ok, problem, warning, type Finding } from './finding.js';

/**
 * Which Redis runs would use: the one that `REDIS_URL` names, checked now, or the program to embed.
 */
export async function diagnoseRedis(): Promise<Finding> {
  const url = redisUrlFromEnvironment();
  return url === undefined ? diagnoseEmbedded() : diagnoseExternal(url);
}

async function diagnoseExternal(url: string): Promise<Finding> {
  try {
    const address = parseRedisAddress(url, 'REDIS_URL');
    const { server, evictionPolicy } = await checkRedis(address);
    const detail = `${server} at ${describeRedisAddress(address)} (REDIS_URL)`;
    if (evictionPolicy === 'noeviction' || evictionPolicy === '') return ok('redis', detail);
    return warning(
      'redis',
      `${detail}, which may drop queued work: maxmemory-policy is ${evictionPolicy}`,
      'set its maxmemory-policy to noeviction',
    );
  } catch (error) {
    const { message, remedy } = LockstepError.from(error);
    return problem('redis', message, remedy ?? 'correct REDIS_URL or unset it');
  }
}

async function diagnoseEmbedded(): Promise<Finding> {
  const reasons: string[] = [];
  const passOver = (reason: string): void => void reasons.push(reason);
  const known = knownRedisProgram();
  const program =
    known === undefined
      ? await findRedisOnPath(passOver)
      : await askVersion(known.kind, known.path, passOver);
  if (program !== undefined) {
    return ok('redis', `${program.version}, embedded (${program.kind}: ${program.path})`);
  }
  const remedy = `run "${setUpCommand()}", install redis-server, or set REDIS_URL`;
  return problem('redis', reasons.join('; '), remedy);
}
