import { isPackage } from './folders.js';
import { ensureRedis } from './redis/ensure-redis.js';
import type { Reporter } from './reporter.js';
import { ensureTensorFlow } from './tensorflow/ensure-tensorflow.js';

/** Sets up TensorFlow for the published package; a clone has its own set-up, `npm run setup`. */
export async function setUpPackage(reporter: Reporter): Promise<void> {
  if (isPackage()) await ensureTensorFlow(reporter);
}

/** Sets up TensorFlow and Redis; fast if both are already set up. */
export async function setUpRuntime(reporter: Reporter): Promise<void> {
  await ensureTensorFlow(reporter);
  await ensureRedis(reporter);
}
