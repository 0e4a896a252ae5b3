import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { addressOf, createRedisClient } from '@lockstep/redis';
import { Queue } from 'bullmq';
import { keyPrefix, QUEUE_NAME } from './bull-names.js';
import type { BullQueueOptions } from './bull-queue.js';
import type { ShardJob } from './shard-job.js';

/** A queue as bull-board shows it, without a way to change it. */
export interface QueueView {
  readonly adapter: BullMQAdapter;
  close(): Promise<void>;
}

/**
 * Opens the queue for looking, over a connection of its own.
 *
 * @throws LockstepError `bad-option` when the address cannot be read
 */
export function openQueueView({ redis, queue: name }: BullQueueOptions): QueueView {
  const client = createRedisClient(addressOf(redis), 'producer');
  const queue = new Queue<ShardJob, void>(QUEUE_NAME, {
    connection: client,
    prefix: keyPrefix(name),
    skipMetasUpdate: true, // a view writes nothing, and the queue may be over already
  });
  // An outage is reported by the request that it interrupts.
  queue.on('error', () => undefined);
  client.on('error', () => undefined);
  return {
    adapter: new BullMQAdapter(queue, {
      readOnlyMode: true,
      allowRetries: false,
      description: `the shards of ${name}`,
    }),
    close: async () => {
      await queue.close().catch(() => undefined);
      client.disconnect();
    },
  };
}
