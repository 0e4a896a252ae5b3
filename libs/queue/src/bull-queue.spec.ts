import { onTestFinished } from 'vitest';
import { consumeBullQueue } from './bull-consumer.js';
import { createBullQueue } from './bull-queue.js';
import { shardQueueContract } from './shard-queue.contract.js';
import { startRedis } from './testing/redis-server.js';

shardQueueContract('in Redis', async () => {
  const redis = (await startRedis()).url;
  const queue = createBullQueue({ redis, queue: 'run' });
  onTestFinished(() => queue.close());
  return { queue, consume: (options) => consumeBullQueue({ ...options, redis, queue: 'run' }) };
});
