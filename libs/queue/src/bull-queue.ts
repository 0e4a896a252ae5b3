import { LockstepError, messageOf } from '@lockstep/core';
import {
  addressOf,
  checkRedis,
  createRedisClient,
  watchAvailability,
  proveWritable,
  withinDeadline,
  type RedisAddress,
  type RedisAt,
  type RedisClient,
} from '@lockstep/redis';
import { Queue, type BulkJobOptions } from 'bullmq';
import { QUEUE_NAME, keyPrefix, slotTag } from './bull-names.js';
import { jobId, type ShardJob } from './shard-job.js';
import type { QueueCounts, QueueHealth, ShardQueue } from './shard-queue.js';

export interface BullQueueOptions {
  /** Where the Redis is. */
  readonly redis: RedisAt;
  /** As `queueOfTerm` names it. */
  readonly queue: string;
  /** How long Redis may take for a command. */
  readonly deadlineMs?: number;
}

const EVALUATION_PRIORITY = 10;
const KEPT_FAILURES = 100;
const KEPT_EVENTS = 100;
/** How long finding the reason of a failure may take. */
const DIAGNOSIS_MS = 1_000;

/**
 * The queue of shards in Redis, by BullMQ. Connects in the background; its methods tell when it
 * can't.
 *
 * @throws LockstepError `bad-option` when the address can't be read
 */
export function createBullQueue(options: BullQueueOptions): ShardQueue {
  const address = addressOf(options.redis);
  const client = createRedisClient(address, 'producer');
  const queue = new Queue<ShardJob, void>(QUEUE_NAME, {
    connection: client,
    prefix: keyPrefix(options.queue),
    streams: { events: { maxLen: KEPT_EVENTS } },
  });
  // Failures come to the caller of a method; without a listener they would end the process too.
  queue.on('error', () => undefined);
  client.on('error', () => undefined);
  return new BullQueue(queue, client, {
    address,
    tag: slotTag(options.queue),
    deadlineMs: options.deadlineMs ?? 5_000,
  });
}

class BullQueue implements ShardQueue {
  readonly #queue: Queue<ShardJob, void>;
  readonly #client: RedisClient;
  readonly #address: RedisAddress;
  readonly #tag: string;
  readonly #deadlineMs: number;
  #closed = false;
  /** Jobs of this turn of the event loop: they go in one command. */
  #together: { readonly jobs: ShardJob[]; readonly added: Promise<void> } | undefined;

  constructor(
    queue: Queue<ShardJob, void>,
    client: RedisClient,
    given: { readonly address: RedisAddress; readonly tag: string; readonly deadlineMs: number },
  ) {
    this.#queue = queue;
    this.#client = client;
    this.#address = given.address;
    this.#tag = given.tag;
    this.#deadlineMs = given.deadlineMs;
  }

  enqueue(jobs: readonly ShardJob[]): Promise<void> {
    if (jobs.length === 0) return Promise.resolve();
    if (!this.#together) {
      const all: ShardJob[] = [];
      this.#together = { jobs: all, added: Promise.resolve().then(() => this.#add(all)) };
    }
    this.#together.jobs.push(...jobs);
    return this.#together.added;
  }

  async #add(jobs: readonly ShardJob[]): Promise<void> {
    this.#together = undefined;
    const bulk = jobs.map((data) => ({ name: data.kind, data, opts: jobOptions(data) }));
    await this.#bounded(this.#queue.addBulk(bulk));
  }

  async clear(): Promise<void> {
    await this.#bounded(this.#queue.obliterate({ force: true }));
  }

  async counts(): Promise<QueueCounts> {
    const counts = await this.#bounded(
      this.#queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed'),
    );
    const { wait = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
    return { waiting: wait + prioritized, active, delayed, failed };
  }

  onAvailability(listener: Parameters<ShardQueue['onAvailability']>[0]): () => void {
    return watchAvailability(this.#client, (change) => {
      if (!this.#closed) listener(change);
    });
  }

  async health(): Promise<QueueHealth> {
    const start = performance.now();
    try {
      await this.#bounded(proveWritable(this.#client, { tag: this.#tag }));
      return { up: true, latencyMs: performance.now() - start };
    } catch (error) {
      return { up: false, reason: messageOf(error) };
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await withinDeadline(this.#queue.close(), this.#deadlineMs, this.#address, this.#client).catch(
      () => undefined,
    );
    this.#client.disconnect();
  }

  #bounded<Value>(work: Promise<Value>): Promise<Value> {
    return withinDeadline(work, this.#deadlineMs, this.#address, this.#client).catch(
      async (error: unknown) => {
        throw await this.#diagnosed(LockstepError.from(error));
      },
    );
  }

  /**
   * A connection that is lost says little of the reason, so a new one is tried.
   *
   * @returns the error of that, where it fails too
   */
  async #diagnosed(error: LockstepError): Promise<LockstepError> {
    if (this.#closed || error.code !== 'redis-unreachable') return error;
    try {
      await checkRedis(this.#address, DIAGNOSIS_MS);
      return error;
    } catch (cause) {
      return LockstepError.from(cause);
    }
  }
}

/** A later attempt is the one a step waits for, so it goes to the head of the line. */
function jobOptions(job: ShardJob): BulkJobOptions {
  return {
    jobId: jobId(job),
    removeOnComplete: true,
    removeOnFail: { count: KEPT_FAILURES },
    attempts: 1,
    ...(job.kind === 'evaluate' ? { priority: EVALUATION_PRIORITY } : { lifo: job.attempt > 1 }),
  };
}
