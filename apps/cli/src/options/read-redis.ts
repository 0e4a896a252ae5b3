import { LockstepError } from '@lockstep/core';
import { parseRedisAddress, withCredentials, type RedisAddress } from '@lockstep/redis';
import { readCa, readClientTls, readSecret } from '@lockstep/security';
import type { OptionValues } from './resolve-options.js';

/**
 * The Redis that the options name, with what its files hold; undefined where none is named. The
 * process's own certificate is shown to a Redis that asks for one.
 *
 * @throws LockstepError `bad-option` or `credentials-unreadable`
 */
export async function readRedis(options: OptionValues): Promise<RedisAddress | undefined> {
  const path = (key: string): string | undefined => options[key] as string | undefined;
  const [caFile, passwordFile] = [path('redisCa'), path('redisPasswordFile')];
  const given = path('redis');
  const url = given ?? process.env['REDIS_URL'];
  if (url === undefined || url === '') {
    if (caFile === undefined && passwordFile === undefined) return undefined;
    throw new LockstepError('bad-option', '--redis is missing, which the files of Redis are for', {
      remedy: 'give --redis rediss://user@host:6379, or leave the files away',
    });
  }
  const address = parseRedisAddress(url, given === undefined ? 'REDIS_URL' : '--redis');
  const own = { certificate: path('tlsCert'), key: path('tlsKey') };
  const identity = address.login.tls && (await readClientTls(own))?.identity;
  return withCredentials(address, {
    ...(passwordFile !== undefined && {
      password: await readSecret(passwordFile, '--redis-password-file'),
    }),
    ...(caFile !== undefined && { ca: (await readCa(caFile, '--redis-ca')).toString() }),
    ...(identity && { cert: identity.certificate.toString(), key: identity.key.toString() }),
  });
}
