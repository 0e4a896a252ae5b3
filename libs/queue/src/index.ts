export type { RedisAt } from '@lockstep/redis';
export { keyPrefix, QUEUE_NAME, queueOfTerm } from './bull-names.js';
export { consumeBullQueue, type BullConsumerOptions } from './bull-consumer.js';
export { createBullQueue, type BullQueueOptions } from './bull-queue.js';
export {
  MemoryQueue,
  type ConsumerProcess,
  type MemoryQueueOptions,
  type QueueFaults,
} from './memory-queue.js';
export { jobId, type EvaluateJob, type ShardJob, type TrainJob } from './shard-job.js';
export type {
  ConsumeOptions,
  Outage,
  QueueCounts,
  QueueHealth,
  ShardConsumer,
  ShardContext,
  ShardHandler,
  ShardQueue,
  ShardResult,
} from './shard-queue.js';
