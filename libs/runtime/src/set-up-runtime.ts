import { ensureRedis } from './redis/ensure-redis.js';
import type { Reporter } from './reporter.js';
import { ensureTensorFlow } from './tensorflow/ensure-tensorflow.js';

/** Sets up TensorFlow and Redis; fast if both are already set up. */
export async function setUpRuntime(reporter: Reporter): Promise<void> {
  await ensureTensorFlow(reporter);
  await ensureRedis(reporter);
}
