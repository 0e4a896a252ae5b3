import { redactSecrets } from '@lockstep/core';
import type { OptionEntry } from './option-entry.js';
import { redisUrl, text } from './schemas.js';

const redisOption = {
  flag: 'redis',
  value: 'URL',
  describe: 'a Redis to use',
  schema: redisUrl,
  quotes: false,
  defaultText: 'REDIS_URL, else an embedded one',
  notTyped: (url) =>
    redactSecrets(url) === url
      ? undefined
      : 'holds a password, which the list of processes shows to everybody on this machine: put it ' +
        'into a file for --redis-password-file, or the address into REDIS_URL',
} as const satisfies OptionEntry;

/** Where the Redis is, and what its address does not say. */
export const redisOptions = [
  redisOption,
  {
    flag: 'redis-ca',
    value: 'FILE',
    describe: 'authority (PEM) of the Redis’s certificate, for rediss://',
    schema: text,
    defaultText: 'the system’s',
  },
  {
    flag: 'redis-password-file',
    value: 'FILE',
    describe: 'password of the user in --redis',
    schema: text,
  },
] as const satisfies readonly OptionEntry[];
