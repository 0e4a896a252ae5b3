import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { addressOf, createRedisClient, type RedisClient } from '@lockstep/redis';
import { Queue } from 'bullmq';
import { keyPrefix, QUEUE_NAME } from './bull-names.js';
import type { BullQueueOptions } from './bull-queue.js';
import type { ShardJob } from './shard-job.js';

/** A queue as bull-board shows it, without a way to change it, over a connection of its own. */
export class QueueView {
  readonly adapter: BullMQAdapter;
  readonly #queue: Queue<ShardJob, void>;
  readonly #client: RedisClient;

  /** @throws LockstepError `bad-option` when the address cannot be read */
  constructor({ redis, queue: name }: BullQueueOptions) {
    const client = createRedisClient(addressOf(redis), 'producer');
    const queue = new Queue<ShardJob, void>(QUEUE_NAME, {
      connection: client,
      prefix: keyPrefix(name),
      skipMetasUpdate: true, // a view writes nothing, and the queue may be over already
    });
    // An outage is reported by the request that it interrupts.
    queue.on('error', () => undefined);
    client.on('error', () => undefined);
    this.#queue = queue;
    this.#client = client;
    this.adapter = new BullMQAdapter(queue, {
      readOnlyMode: true,
      allowRetries: false,
      description: `the shards of ${name}`,
    });
  }

  async close(): Promise<void> {
    await this.#queue.close().catch(() => undefined);
    this.#client.disconnect();
  }
}
