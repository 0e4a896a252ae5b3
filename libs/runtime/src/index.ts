export type { BackendName } from './environment.js';
export * from './reporter.js';
export * from './tensorflow/load-tensorflow.js';
export * from './tensorflow/tensorflow-environment.js';
export { checkRedis, describeRedisUrl, type RedisFacts } from './redis/check-redis.js';
export * from './redis/ensure-redis.js';
export type { RedisProgram, RedisProgramKind } from './redis/find-redis.js';
export * from './redis/start-redis.js';
