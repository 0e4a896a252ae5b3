import { addressOf, createRedisClient, type RedisAt, watchAvailability } from '@lockstep/redis';
import { DelayedError, WaitingError, Worker, type Job } from 'bullmq';
import { QUEUE_NAME, keyPrefix, slotTag } from './bull-names.js';
import { OutageWatch } from './bull-outage.js';
import { parseShardJob, type ShardJob } from './shard-job.js';
import {
  GIVE_BACK_DELAY_MS,
  type ConsumeOptions,
  type ShardConsumer,
  type ShardResult,
} from './shard-queue.js';

export interface BullConsumerOptions extends ConsumeOptions {
  /** Where the Redis is. */
  readonly redis: RedisAt;
  /** As `queueOfTerm` names it. */
  readonly queue: string;
  /**
   * How long a worker that died keeps its job from others; the coordinator's own deadline should
   * be much shorter.
   */
  readonly lockMs?: number;
  /** How long closing waits for Redis once the current job is over. */
  readonly closeDeadlineMs?: number;
}

/** How often a job may be lost with its worker before the queue gives it up. */
const MAX_LOST = 20;
/** BullMQ's own default of 15 s would let a worker idle that long after Redis is back. */
const RETRY_MS = 250;
/** Upper bound of one blocking wait for a job, in seconds: a Redis that has gone is noticed soon after. */
const BLOCK_SECONDS = 2;

/**
 * Takes shards from the queue in Redis, by BullMQ, one at a time. Connects in the background, and
 * again whenever Redis was away.
 *
 * @throws LockstepError `bad-option` when the address can't be read
 */
export function consumeBullQueue(options: BullConsumerOptions): ShardConsumer {
  const { queue, workerId, lockMs = 30_000, closeDeadlineMs = 3_000 } = options;
  const address = addressOf(options.redis);
  const client = createRedisClient(address, 'consumer');
  const closing = new AbortController();
  const worker = new Worker<ShardJob, void>(QUEUE_NAME, createProcessor(options, closing), {
    connection: client,
    prefix: keyPrefix(queue),
    name: workerId,
    concurrency: 1,
    lockDuration: lockMs,
    stalledInterval: lockMs,
    maxStalledCount: MAX_LOST,
    drainDelay: BLOCK_SECONDS,
    runRetryDelay: RETRY_MS,
  });
  const outages = new OutageWatch({
    ...{ worker, client, address, tag: slotTag(queue), closing: closing.signal },
    onOutage: options.onOutage ?? (() => undefined),
  });
  worker.on('error', (error) => outages.observe(error));
  client.on('error', (error: Error) => outages.observe(error));

  return {
    onAvailability: (listener) =>
      watchAvailability(client, (change) => {
        if (!closing.signal.aborted) listener(change);
      }),
    async close() {
      closing.abort();
      await closeWorker(worker, closeDeadlineMs);
      client.disconnect();
    },
  };
}

/** Wraps the handler: its result decides where BullMQ moves the job. */
function createProcessor(
  options: ConsumeOptions,
  closing: AbortController,
): (job: Job<ShardJob, void>, token?: string) => Promise<void> {
  const { handler, workerId, onError, giveBackDelayMs = GIVE_BACK_DELAY_MS } = options;
  const compute = async (data: unknown): Promise<ShardResult> => {
    const job = parseShardJob(data);
    // BullMQ may still deliver one job that it waited for when it was closed.
    if (closing.signal.aborted) return 'give-back';
    if (job.kind === 'train' && job.notFor?.includes(workerId)) return 'give-back';
    return handler(job, { signal: closing.signal });
  };
  return async (job, token) => {
    const result = await compute(job.data).catch((error: unknown) => {
      onError?.(error);
      throw error;
    });
    if (result === 'done') return;
    if (closing.signal.aborted) {
      // This worker takes no further job, so others can have this one at once.
      await job.moveToWait(token);
      throw new WaitingError();
    }
    await job.moveToDelayed(Date.now() + giveBackDelayMs, token);
    throw new DelayedError();
  };
}

/** Waits for the current job without a limit, and for Redis for a limited time. */
async function closeWorker(worker: Worker, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs);
  });
  await Promise.race([worker.close(), late]);
  clearTimeout(timer);
}
