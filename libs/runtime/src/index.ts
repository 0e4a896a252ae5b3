export type { BackendName } from './environment.js';
export * from './reporter.js';
export * from './tensorflow/index.js';
export { checkRedis, type RedisFacts } from '@lockstep/redis';
export {
  attended,
  awaitDependency,
  awaitRedis,
  patient,
  supervised,
  type Waiting,
  type WaitPolicy,
} from './waiting/await-dependency.js';
export * from './redis/ensure-redis.js';
export type { RedisProgram, RedisProgramKind } from './redis/find-redis.js';
export * from './redis/start-redis.js';
export type { BackendChoice, BackendWay } from './tensorflow/backend-choice.js';
export { readBackendChoice } from './tensorflow/backend-choice.js';
export * from './tensorflow/ensure-tensorflow.js';
export * from './diagnosis/diagnose.js';
export { cpuFeatures } from './diagnosis/diagnose-machine.js';
export type { Finding } from './diagnosis/finding.js';
export { unpackWheel, WheelUnavailable, type WheelRequest } from './python-wheel.js';
export { wheelPins } from './wheel-pins.js';
export { fillCacheFolder, userCacheFolder } from './folders.js';
