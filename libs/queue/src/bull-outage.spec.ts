import { once } from 'node:events';
import { createServer } from 'node:net';
import { checkRedis } from '@lockstep/redis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { consumeBullQueue } from './bull-consumer.js';
import { createBullQueue } from './bull-queue.js';
import type { Outage, ShardQueue } from './shard-queue.js';
import { noting, trainJob } from './testing/jobs.js';
import { startTcpRedis } from './testing/redis-server.js';
import { startScriptedRedis } from './testing/scripted-redis.js';

const patience = { timeout: 25_000, interval: 20 };

/** Both ends of a queue after its first job, and what its worker reports of its Redis. */
async function connectBoth(redis: string) {
  const queue: ShardQueue = createBullQueue({ redis, queue: 'run', deadlineMs: 2_000 });
  const { seen, handler } = noting();
  const outages: Outage[] = [];
  const consumer = consumeBullQueue({
    ...{ redis, queue: 'run', workerId: 'w', handler },
    onOutage: (outage) => outages.push(outage),
  });
  onTestFinished(async () => {
    await consumer.close();
    await queue.close();
  });
  await vi.waitFor(() => queue.enqueue([trainJob(0)]), patience);
  await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
  return { queue, seen, outages };
}

const lost = (outages: readonly Outage[]): string[] =>
  outages.flatMap((outage) => (outage.state === 'lost' ? [outage.reason] : []));

/** Breaks connections to the port of a Redis that has gone, until several attempts have failed. */
async function breakAttempts(port: number): Promise<void> {
  let attempts = 0;
  const server = createServer((socket) => {
    attempts += 1;
    socket.resetAndDestroy();
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  await vi.waitFor(() => expect(attempts).toBeGreaterThan(10), patience);
  server.close();
  await once(server, 'close');
}

/** Beginnings and ends of outages, however many reasons each had. */
const changes = (outages: readonly Outage[]): string[] =>
  outages.map(({ state }) => state).filter((state, n, all) => state !== all[n - 1]);

describe('a Redis whose connection is lost', () => {
  it('is reported each time, with its return', async () => {
    const redis = await startTcpRedis();
    const { outages } = await connectBoth(redis.url);
    const expected: string[] = [];
    for (const _outage of ['first', 'second']) {
      await redis.kill();
      await breakAttempts(redis.port);
      expected.push('lost');
      await vi.waitFor(() => expect(changes(outages)).toEqual(expected), patience);
      await redis.start();
      expected.push('back');
      await vi.waitFor(() => expect(changes(outages)).toEqual(expected), patience);
    }
  });

  it('is used again after it had refused commands before', async () => {
    const primary = await startTcpRedis();
    const redis = await startTcpRedis();
    const { queue, seen, outages } = await connectBoth(redis.url);
    await redis.command('REPLICAOF', '127.0.0.1', primary.port);
    await vi.waitFor(
      () => expect(lost(outages)).toEqual([expect.stringContaining('READONLY')]),
      patience,
    );
    await redis.kill();
    await breakAttempts(redis.port);
    await redis.start();
    await vi.waitFor(() => queue.enqueue([trainJob(1)]), patience);
    await vi.waitFor(() => expect(seen.at(-1)).toEqual(trainJob(1)), patience);
    expect(changes(outages)).toEqual(['lost', 'back']);
  });
});

describe('a Redis that becomes a replica', () => {
  it('is named once, asked with back-off, and used again when it is a primary', async () => {
    const primary = await startTcpRedis();
    const redis = await startTcpRedis();
    const { queue, seen, outages } = await connectBoth(redis.url);

    await redis.command('REPLICAOF', '127.0.0.1', primary.port);
    const refused = {
      code: 'redis-refused',
      message: expect.stringContaining('READONLY') as string,
    };
    await expect(queue.enqueue([trainJob(1)])).rejects.toMatchObject(refused);
    expect(await queue.health()).toMatchObject({ up: false });
    await vi.waitFor(() => expect(lost(outages)).toHaveLength(1), patience);
    const calls = async (): Promise<number> =>
      Number(
        /cmdstat_evalsha:calls=(\d+)/.exec(
          String(await redis.command('INFO', 'commandstats')),
        )?.[1],
      );
    const before = await calls();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    // Without back-off, a worker asks as fast as Redis answers: thousands of times.
    expect((await calls()) - before).toBeLessThan(40);
    expect(lost(outages)).toEqual([expect.stringContaining('READONLY')]);

    await redis.command('REPLICAOF', 'NO', 'ONE');
    await vi.waitFor(() => expect(outages.at(-1)).toEqual({ state: 'back' }), patience);
    await vi.waitFor(() => queue.enqueue([trainJob(2)]), patience);
    await vi.waitFor(() => expect(seen.at(-1)).toEqual(trainJob(2)), patience);
    expect(outages).toHaveLength(2);
  });
});

describe.each([
  ['LOADING Redis is loading the dataset in memory', 'LOADING'],
  ['NOAUTH Authentication required.', 'refuses the user or password'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM'],
])('a Redis that answers %s for a while', (error, named) => {
  it('is named in every failure, once by the worker, and used again afterwards', async () => {
    const redis = await startTcpRedis();
    const scripted = await startScriptedRedis(redis.port);
    const { queue, seen, outages } = await connectBoth(scripted.url);

    scripted.answer(error);
    await expect(checkRedis(scripted.url)).rejects.toThrow(named);
    await expect(queue.enqueue([trainJob(1)])).rejects.toThrow(named);
    expect((await queue.health()).reason).toContain(named);
    await vi.waitFor(() => expect(lost(outages)).toHaveLength(1), patience);
    const before = scripted.refused;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(scripted.refused - before).toBeLessThan(40);

    scripted.answer(undefined);
    await vi.waitFor(() => queue.enqueue([trainJob(2)]), patience);
    await vi.waitFor(() => expect(seen.at(-1)).toEqual(trainJob(2)), patience);
    expect(lost(outages)).toEqual([expect.stringContaining(named)]);
    await vi.waitFor(() => expect(outages.at(-1)).toEqual({ state: 'back' }), patience);
  });
});
