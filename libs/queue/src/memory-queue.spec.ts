import { MemoryQueue } from './memory-queue.js';
import { shardQueueContract } from './shard-queue.contract.js';

shardQueueContract('in memory', () => {
  const queue = new MemoryQueue();
  return Promise.resolve({ queue, consume: (options) => queue.consume(options) });
});
