import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { keyPrefix, QUEUE_NAME } from './bull-names.js';
import { consumeBullQueue, type BullConsumerOptions } from './bull-consumer.js';
import { createBullQueue } from './bull-queue.js';
import type { ShardConsumer, ShardHandler, ShardQueue } from './shard-queue.js';
import { holding, noting, trainJob } from './testing/jobs.js';
import { freePort, startRedis, startSentinel, startTcpRedis } from './testing/redis-server.js';

const patience = { timeout: 25_000, interval: 20 };
const unreachable = { code: 'redis-unreachable' };

/** @param deadlineMs short, so that an outage is reported soon; a busy machine may need longer for much */
function connectQueue(redis: string, deadlineMs = 500): ShardQueue {
  const queue = createBullQueue({ redis, queue: 'run', deadlineMs });
  onTestFinished(() => queue.close());
  return queue;
}

function connectConsumer(
  redis: string,
  handler: ShardHandler,
  options: Partial<BullConsumerOptions> = {},
): ShardConsumer {
  const consumer = consumeBullQueue({ redis, queue: 'run', workerId: 'w', handler, ...options });
  onTestFinished(() => consumer.close());
  return consumer;
}

/** Queues a job as a coordinator does: again until it was taken. */
const enqueueAgain = (queue: ShardQueue, index: number): Promise<void> =>
  vi.waitFor(() => queue.enqueue([trainJob(index)]), patience);

describe('when Redis stops and comes back', () => {
  it('both ends tell it, calls fail at once meanwhile, and jobs flow again', async () => {
    const redis = await startRedis();
    const queue = connectQueue(redis.url);
    const { seen, handler } = noting();
    const consumer = connectConsumer(redis.url, handler);
    const changes: string[] = [];
    queue.onAvailability((change) => changes.push(`queue ${change}`));
    consumer.onAvailability((change) => changes.push(`consumer ${change}`));
    await enqueueAgain(queue, 0);
    await vi.waitFor(() => expect(seen).toHaveLength(1), patience);

    for (const round of [1, 2]) {
      changes.length = 0;
      await redis.kill();
      await vi.waitFor(
        () => expect(changes.sort()).toEqual(['consumer lost', 'queue lost']),
        patience,
      );
      await expect(queue.enqueue([trainJob(round)])).rejects.toMatchObject(unreachable);
      await expect(queue.counts()).rejects.toMatchObject(unreachable);
      expect(await queue.health()).toMatchObject({ up: false });
      await redis.start();
      await vi.waitFor(
        () => expect(changes).toEqual(expect.arrayContaining(['queue back', 'consumer back'])),
        patience,
      );
      await enqueueAgain(queue, round);
      await vi.waitFor(() => expect(seen).toHaveLength(round + 1), patience);
    }
  });

  it('with a job in hand, its worker goes on with the next', async () => {
    const redis = await startRedis();
    const queue = connectQueue(redis.url);
    const { seen, handler, release } = holding();
    connectConsumer(redis.url, handler);
    await enqueueAgain(queue, 0);
    await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
    await redis.kill();
    release();
    await redis.start();
    await enqueueAgain(queue, 1);
    await vi.waitFor(() => expect(seen).toHaveLength(2), patience);
  });

  it('after a start without it, everything works', async () => {
    const redis = await startRedis();
    await redis.kill();
    const queue = connectQueue(redis.url);
    const { seen, handler } = noting();
    connectConsumer(redis.url, handler);
    await expect(queue.enqueue([trainJob(0)])).rejects.toMatchObject(unreachable);
    await redis.start();
    await enqueueAgain(queue, 0);
    await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
  });

  it('closing does not wait for it', async () => {
    const redis = await startRedis();
    const queue = connectQueue(redis.url);
    const { seen, handler, release } = holding();
    const consumer = connectConsumer(redis.url, handler, { closeDeadlineMs: 200 });
    await enqueueAgain(queue, 0);
    await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
    await redis.kill();
    release();
    await consumer.close();
    await queue.close();
  });
});

it('when Redis loses its data, a higher attempt of the same shard is delivered', async () => {
  const redis = await startRedis();
  const queue = connectQueue(redis.url);
  const { seen, handler, release } = holding();
  connectConsumer(redis.url, handler);
  await enqueueAgain(queue, 0);
  await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
  await redis.command('FLUSHALL');
  await queue.enqueue([trainJob(0, { attempt: 2 }), trainJob(1)]);
  release();
  await vi.waitFor(() => expect(seen).toHaveLength(3), patience);
  expect(seen[1]).toEqual(trainJob(0, { attempt: 2 }));
});

it('when Redis hangs, no shard starts, calls end in time, and a retry is no second job', async () => {
  const redis = await startRedis();
  const queue = connectQueue(redis.url);
  const { seen, handler } = noting();
  connectConsumer(redis.url, handler);
  await enqueueAgain(queue, 0);
  await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
  redis.freeze();
  await expect(queue.enqueue([trainJob(1)])).rejects.toMatchObject(unreachable);
  await expect(queue.enqueue([trainJob(1)])).rejects.toMatchObject(unreachable);
  expect(await queue.health()).toMatchObject({ up: false });
  expect(seen).toHaveLength(1);
  redis.thaw();
  await enqueueAgain(queue, 2);
  await vi.waitFor(() => expect(seen.at(-1)).toEqual(trainJob(2)), patience);
  // The two calls that timed out may have been taken after all, one after the other.
  expect(seen.filter((job) => job.shard.index === 1).length).toBeLessThanOrEqual(2);
});

it('when Redis falls silent for good and another takes its address, both ends change to that one', async () => {
  const redis = await startRedis();
  const queue = connectQueue(redis.url);
  const { seen, handler } = noting();
  connectConsumer(redis.url, handler);
  await enqueueAgain(queue, 0);
  await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
  await redis.supersede();
  await enqueueAgain(queue, 1);
  await vi.waitFor(() => expect(seen.at(-1)).toEqual(trainJob(1)), patience);
});

it('when a worker is killed, its job comes to another one once the lock is over', async () => {
  const redis = await startRedis();
  const queue = connectQueue(redis.url);
  const library = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  const script = `
    const { consumeBullQueue } = await import(process.argv[1]);
    const handler = () => { console.log('started'); return new Promise(() => {}); };
    consumeBullQueue({ redis: process.argv[2], queue: 'run', workerId: 'w1', handler, lockMs: 500 });`;
  const args = ['--input-type=module', '-e', script, library, redis.url];
  const worker = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await enqueueAgain(queue, 0);
  await new Promise((resolve) => worker.stdout.once('data', resolve));
  const { seen, handler } = noting();
  connectConsumer(redis.url, handler, { lockMs: 500 });
  worker.kill('SIGKILL');
  await vi.waitFor(() => expect(seen).toEqual([trainJob(0)]), patience);
});

it('a thousand jobs leave next to nothing behind', async () => {
  const redis = await startRedis();
  const queue = connectQueue(redis.url, 20_000);
  const { seen, handler } = noting();
  connectConsumer(redis.url, handler);
  await enqueueAgain(queue, 0);
  await queue.enqueue(Array.from({ length: 1_000 }, (_, index) => trainJob(index + 1)));
  await vi.waitFor(() => expect(seen).toHaveLength(1_001), patience);
  await vi.waitFor(async () => expect((await queue.counts()).active).toBe(0), patience);
  const keys = (await redis.command('KEYS', '*')) as string[];
  expect(keys.length).toBeLessThan(10);
  const events = `${keyPrefix('run')}:${QUEUE_NAME}:events`;
  // Redis trims a stream in nodes of a hundred entries.
  expect(await redis.command('XLEN', events)).toBeLessThan(301);
});

describe('the same over', () => {
  const works = async (address: string): Promise<void> => {
    const queue = connectQueue(address);
    const { seen, handler } = noting();
    connectConsumer(address, handler);
    await vi.waitFor(() => queue.clear(), patience);
    await enqueueAgain(queue, 0);
    await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
  };

  it('TCP with a password', async () => {
    const redis = await startTcpRedis();
    await redis.command('CONFIG', 'SET', 'requirepass', 's@cret');
    await works(`redis://:s%40cret@127.0.0.1:${redis.port}/1`);
  });

  it('sentinels', async () => {
    const redis = await startTcpRedis();
    const sentinel = await startSentinel(redis.port);
    await works(`redis-sentinel://127.0.0.1:${sentinel}/main`);
  });

  it('a cluster', async () => {
    const bus = ['--cluster-port', String(await freePort())];
    const announce = ['--cluster-announce-ip', '127.0.0.1'];
    const redis = await startTcpRedis('--cluster-enabled', 'yes', ...bus, ...announce);
    await redis.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
    await vi.waitFor(async () => {
      expect(await redis.command('CLUSTER', 'INFO')).toContain('cluster_state:ok');
    }, patience);
    await works(`redis-cluster://127.0.0.1:${redis.port}`);
  });
});
