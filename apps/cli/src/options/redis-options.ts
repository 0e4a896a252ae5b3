import type { OptionEntry } from './option-entry.js';
import { text } from './schemas.js';

const redisOption = {
  flag: 'redis',
  value: 'URL',
  describe: 'a Redis to use',
  schema: text,
  defaultText: 'REDIS_URL, else an embedded one',
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
