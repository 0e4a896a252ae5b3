/* eslint max-lines-per-function: off -- a suite, as in the specs */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ConsumeOptions, ShardConsumer, ShardQueue } from './shard-queue.js';
import { evaluateJob, holding, noting, trainJob } from './testing/jobs.js';

/** What an adapter brings to be tested. */
export interface QueueUnderTest {
  readonly queue: ShardQueue;
  readonly consume: (options: ConsumeOptions) => ShardConsumer;
}

const patience = { timeout: 15_000, interval: 10 };

/** What every adapter of the port does. */
export function shardQueueContract(name: string, create: () => Promise<QueueUnderTest>): void {
  const start = async (): Promise<QueueUnderTest> => {
    const { queue, consume } = await create();
    return {
      queue,
      consume(options) {
        const consumer = consume(options);
        onTestFinished(() => consumer.close());
        return consumer;
      },
    };
  };
  const nothing = { waiting: 0, active: 0, delayed: 0, failed: 0 };

  describe(`${name}: bringing jobs`, () => {
    it('brings every field, whether it was queued before or after the consumer came', async () => {
      const { queue, consume } = await start();
      const { seen, handler } = noting();
      const jobs = [trainJob(0, { notFor: ['w2'], clean: true, attempt: 2 }), evaluateJob(1)];
      await queue.enqueue(jobs);
      consume({ workerId: 'w1', handler });
      await vi.waitFor(() => expect(seen).toEqual(jobs), patience);
      await queue.enqueue([trainJob(7)]);
      await vi.waitFor(() => expect(seen[2]).toEqual(trainJob(7)), patience);
      await vi.waitFor(async () => expect(await queue.counts()).toEqual(nothing), patience);
    });

    it('brings training in order, a later attempt first and evaluation last', async () => {
      const { queue, consume } = await start();
      const { seen, handler } = noting();
      await queue.enqueue([evaluateJob(0), trainJob(0), trainJob(1), evaluateJob(1), trainJob(2)]);
      await queue.enqueue([trainJob(3, { attempt: 2 })]);
      expect(await queue.counts()).toEqual({ ...nothing, waiting: 6 });
      consume({ workerId: 'w1', handler });
      await vi.waitFor(() => expect(seen).toHaveLength(6), patience);
      expect(seen.map(({ kind, shard }) => `${kind} ${shard.index}`)).toEqual([
        'train 3',
        'train 0',
        'train 1',
        'train 2',
        'evaluate 0',
        'evaluate 1',
      ]);
    });

    it('brings in order what is queued one by one', async () => {
      const { queue, consume } = await start();
      const { seen, handler } = noting();
      const jobs = [0, 1, 2, 3].map((index) => trainJob(index));
      await Promise.all(jobs.map((job) => queue.enqueue([job])));
      consume({ workerId: 'w1', handler });
      await vi.waitFor(() => expect(seen).toEqual(jobs), patience);
    });

    it('brings a job once though it is queued twice, and one job at a time', async () => {
      const { queue, consume } = await start();
      const { seen, handler, release } = holding();
      consume({ workerId: 'w1', handler });
      await queue.enqueue([trainJob(0), trainJob(0), trainJob(1)]);
      await queue.enqueue([trainJob(1)]);
      await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
      await queue.enqueue([trainJob(0)]);
      expect(await queue.counts()).toEqual({ ...nothing, waiting: 1, active: 1 });
      release();
      await vi.waitFor(async () => expect(await queue.counts()).toEqual(nothing), patience);
      expect(seen).toHaveLength(2);
    });

    it('shares jobs among consumers', async () => {
      const { queue, consume } = await start();
      const [one, two] = [holding(), holding()];
      consume({ workerId: 'w1', handler: one.handler });
      consume({ workerId: 'w2', handler: two.handler });
      await queue.enqueue([trainJob(0), trainJob(1)]);
      await vi.waitFor(
        () => expect([one.seen, two.seen].map((s) => s.length)).toEqual([1, 1]),
        patience,
      );
      one.release();
      two.release();
    });

    it('counts a job whose handler throws, reports the error and continues', async () => {
      const { queue, consume } = await start();
      const onError = vi.fn();
      const seen: number[] = [];
      consume({
        workerId: 'w1',
        onError,
        handler: (job) => {
          seen.push(job.shard.index);
          return job.shard.index === 0
            ? Promise.reject(new Error('out of memory'))
            : Promise.resolve('done');
        },
      });
      await queue.enqueue([trainJob(0), trainJob(1)]);
      await vi.waitFor(() => expect(seen).toEqual([0, 1]), patience);
      const failedOnce = { ...nothing, failed: 1 };
      await vi.waitFor(async () => expect(await queue.counts()).toEqual(failedOnce), patience);
      expect(String(onError.mock.calls)).toContain('out of memory');
    });
  });

  describe(`${name}: giving back`, () => {
    it('lets another consumer take the job', async () => {
      const { queue, consume } = await start();
      const { seen, handler } = noting();
      let givenBack = 0;
      consume({
        workerId: 'w1',
        handler: () => {
          givenBack += 1;
          return Promise.resolve('give-back');
        },
      });
      await queue.enqueue([trainJob(0)]);
      await vi.waitFor(() => expect(givenBack).toBeGreaterThan(0), patience);
      consume({ workerId: 'w2', handler });
      await vi.waitFor(() => expect(seen).toEqual([trainJob(0)]), patience);
    });

    it('brings the job again when no other consumer is there, after a delay', async () => {
      const { queue, consume } = await start();
      const times: number[] = [];
      consume({
        workerId: 'w1',
        giveBackDelayMs: 100,
        handler: () => {
          times.push(performance.now());
          return Promise.resolve(times.length < 3 ? 'give-back' : 'done');
        },
      });
      await queue.enqueue([trainJob(0)]);
      await vi.waitFor(() => expect(times).toHaveLength(3), patience);
      // Timers may come a few milliseconds early.
      expect(times[2] - times[0]).toBeGreaterThan(180);
      await vi.waitFor(async () => expect(await queue.counts()).toEqual(nothing), patience);
    });

    it('happens by itself for a worker that must not compute the shard', async () => {
      const { queue, consume } = await start();
      const [one, two] = [noting(), noting()];
      consume({ workerId: 'w1', handler: one.handler });
      await queue.enqueue([trainJob(0, { notFor: ['w1', 'w3'] }), trainJob(1)]);
      await vi.waitFor(() => expect(one.seen).toEqual([trainJob(1)]), patience);
      consume({ workerId: 'w2', handler: two.handler });
      await vi.waitFor(() => expect(two.seen).toHaveLength(1), patience);
      expect(one.seen).toHaveLength(1);
    });
  });

  describe(`${name}: stopping`, () => {
    it('closes after the current job, whose signal is aborted and which may be given back', async () => {
      const { queue, consume } = await start();
      const { seen, handler } = noting();
      let started = false;
      const closing = consume({
        workerId: 'w1',
        handler: (_job, { signal }) => {
          started = true;
          return new Promise((resolve) =>
            signal.addEventListener('abort', () => resolve('give-back')),
          );
        },
      });
      await queue.enqueue([trainJob(0), trainJob(1)]);
      await vi.waitFor(() => expect(started).toBe(true), patience);
      await closing.close();
      expect(await queue.counts()).toMatchObject({ active: 0 });
      consume({ workerId: 'w2', handler });
      await vi.waitFor(() => expect(seen).toHaveLength(2), patience);
    });

    it('clear removes every job, also those being computed, and the queue remains usable', async () => {
      const { queue, consume } = await start();
      const { seen, handler, release } = holding();
      consume({ workerId: 'w1', handler });
      await queue.enqueue([trainJob(0), trainJob(1), evaluateJob(0)]);
      await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
      await queue.clear();
      expect(await queue.counts()).toEqual(nothing);
      release();
      // The job of before may be queued anew, and so may one of a new term.
      await queue.enqueue([trainJob(0), trainJob(1, { term: 2 })]);
      await vi.waitFor(() => expect(seen).toHaveLength(3), patience);
      expect(seen.slice(1)).toEqual([trainJob(0), trainJob(1, { term: 2 })]);
    });

    it('reports no loss when it is closed on purpose', async () => {
      const { queue, consume } = await start();
      const consumer = consume({ workerId: 'w1', handler: noting().handler });
      await vi.waitFor(
        async () => expect(await queue.health()).toMatchObject({ up: true }),
        patience,
      );
      const listener = vi.fn();
      queue.onAvailability(listener);
      consumer.onAvailability(listener);
      await consumer.close();
      await queue.close();
      expect(listener).not.toHaveBeenCalled();
    });

    it('is healthy', async () => {
      const { queue } = await start();
      await vi.waitFor(
        async () => expect(await queue.health()).toMatchObject({ up: true }),
        patience,
      );
    });
  });
}
