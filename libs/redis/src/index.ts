export * from './check-redis.js';
export * from './redis-address.js';
export * from './redis-client.js';
export * from './redis-failure.js';
export type { Outlook, RedisFailure } from './redis-states.js';
