import { LockstepError, redactSecrets } from '@lockstep/core';
import { parseRedisAddress, withCredentials, type RedisAddress } from '@lockstep/redis';
import { readCa, readClientTls, readSecret } from '@lockstep/security';
import { option, type Values } from './option.js';
import { redisUrl, text } from './schemas.js';

/** Where the Redis is, and what its address does not say. */
export const redisOptions = {
  redis: option(redisUrl.optional(), {
    value: 'URL',
    describe: 'a Redis to use',
    quotes: false,
    defaultText: 'REDIS_URL, else an embedded one',
    notTyped: (url) =>
      redactSecrets(url) === url
        ? undefined
        : 'holds a password, which every user of this machine can read in the process list: put it ' +
          'into a file for --redis-password-file, or the address into REDIS_URL',
  }),
  redisCa: option(text.optional(), {
    value: 'FILE',
    describe: 'CA certificate (PEM) that signed the Redis’s certificate, for rediss://',
    defaultText: 'the system’s',
  }),
  redisPasswordFile: option(text.optional(), {
    value: 'FILE',
    describe: 'password of the user in --redis',
  }),
};

/** Options that say how a Redis is reached, with the process's own certificate. */
type RedisSettings = Values<typeof redisOptions> & {
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
};

/**
 * The Redis that the options name, with the content of their files; undefined where none is named. The
 * process's own certificate is presented to a Redis that asks for one.
 *
 * @throws LockstepError `bad-option` or `credentials-unreadable`
 */
export async function readRedis(options: RedisSettings): Promise<RedisAddress | undefined> {
  const { redis: given, redisCa, redisPasswordFile, tlsCert, tlsKey } = options;
  const url = given ?? process.env['REDIS_URL'];
  if (url === undefined || url === '') {
    if (redisCa === undefined && redisPasswordFile === undefined) return undefined;
    throw new LockstepError('bad-option', '--redis is missing, which the files of Redis are for', {
      remedy: 'give --redis rediss://user@host:6379, or omit the files',
    });
  }
  const address = parseRedisAddress(url, given === undefined ? 'REDIS_URL' : '--redis');
  const own = { certificate: tlsCert, key: tlsKey };
  const identity = address.login.tls && (await readClientTls(own))?.identity;
  return withCredentials(address, {
    ...(redisPasswordFile !== undefined && {
      password: await readSecret(redisPasswordFile, '--redis-password-file'),
    }),
    ...(redisCa !== undefined && { ca: (await readCa(redisCa, '--redis-ca')).toString() }),
    ...(identity && { cert: identity.certificate.toString(), key: identity.key.toString() }),
  });
}
