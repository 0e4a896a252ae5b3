import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { addressOf, createRedisClient, type RedisAt } from '@lockstep/redis';
import { Queue } from 'bullmq';
import { keyPrefix, QUEUE_NAME } from './bull-names.js';
import type { ShardJob } from './shard-job.js';

/** A run's queue as bull-board shows it, without a way to change it. */
export interface QueueView {
  readonly adapter: BullMQAdapter;
  close(): Promise<void>;
}

/**
 * Opens the queue for looking, over a connection of its own.
 *
 * @param redis where the Redis is
 */
export function openQueueView({ redis, runId }: { redis: RedisAt; runId: string }): QueueView {
  const client = createRedisClient(addressOf(redis), 'producer');
  const queue = new Queue<ShardJob, void>(QUEUE_NAME, {
    connection: client,
    prefix: keyPrefix(runId),
  });
  // An outage is reported by the request that it interrupts.
  queue.on('error', () => undefined);
  client.on('error', () => undefined);
  return {
    adapter: new BullMQAdapter(queue, {
      readOnlyMode: true,
      allowRetries: false,
      description: `the shards of run ${runId}`,
    }),
    close: async () => {
      await queue.close().catch(() => undefined);
      client.disconnect();
    },
  };
}
