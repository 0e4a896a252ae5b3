import { ensureRedis } from './redis/ensure-redis.js';
import type { Reporter } from './reporter.js';
import { ensureTensorFlow } from './tensorflow/ensure-tensorflow.js';

/** What the two commands need of this package: TensorFlow and Redis, quick when nothing is to do. */
export async function setUpRuntime(reporter: Reporter): Promise<void> {
  await ensureTensorFlow(reporter);
  await ensureRedis(reporter);
}
