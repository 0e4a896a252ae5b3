import { createMemoryQueue } from './memory-queue.js';
import { shardQueueContract } from './shard-queue.contract.js';

shardQueueContract('in memory', () => {
  const queue = createMemoryQueue();
  return Promise.resolve({ queue, consume: (options) => queue.consume(options) });
});
