import { startRedis } from '@lockstep/runtime';
import { createBullQueue, type TrainJob } from '@lockstep/queue';
import { QueueView } from '@lockstep/queue/view';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ask, startServer } from '../testing/server.js';
import { startedEvent } from '../testing/started-event.js';

interface Alarms {
  readonly alarms: readonly { code: string; active: boolean; remedy: string; message: string }[];
}

const alarmsOf = async (url: string): Promise<Alarms['alarms']> =>
  ((await ask(url, '/api/alarms')).body as Alarms).alarms;

describe('the alarms', () => {
  it('have a remedy, and whether they are active', async () => {
    const { url, emit, run } = await startServer();
    emit({ event: 'alarm', code: 'checkpoint-damaged', message: 'torn' });
    emit({ event: 'alarm', code: 'at-chance', message: 'guesses' });
    emit({ event: 'alarm', code: 'disk-full', message: 'full' });
    run.tell({ type: 'disk-full', reason: 'full' });
    const full = await alarmsOf(url);
    expect(
      full
        .slice(0, 2)
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['at-chance', 'disk-full']);
    expect(full.every(({ remedy }) => remedy.length > 10)).toBe(true);
    run.tell({ type: 'disk-freed' });
    const freed = await alarmsOf(url);
    expect(freed.filter(({ active }) => active).map(({ code }) => code)).toEqual(['at-chance']);
  });

  it('are over if an earlier coordinator raised them, whatever the clocks show', async () => {
    const now = vi.spyOn(Date, 'now');
    onTestFinished(() => now.mockRestore());
    const { url, emit } = await startServer();
    emit({ event: 'alarm', code: 'at-chance', message: 'guesses' });
    emit(startedEvent);
    now.mockReturnValue(Date.now() - 3_600_000);
    emit({ event: 'alarm', code: 'loss-exploded', message: '9 times' });
    const active = (await alarmsOf(url)).flatMap((alarm) => (alarm.active ? [alarm.code] : []));
    expect(active).toEqual(['loss-exploded']);
  });

  it('include those without an event: Redis lost, workers missing or refused', async () => {
    const { url, run } = await startServer();
    run.depart('w9', 'refused', 'other bits', 'there');
    run.tell({ type: 'queue-lost', reason: 'no answer from Redis' });
    const alarms = await alarmsOf(url);
    expect(alarms).toHaveLength(2);
    expect(alarms).toEqual(
      expect.arrayContaining(
        [
          { code: 'redis-lost', active: true, message: 'no answer from Redis' },
          { code: 'worker-refused', active: true, message: 'w9 on there: other bits' },
        ].map((alarm) => expect.objectContaining(alarm) as object),
      ),
    );
    run.tell({ type: 'queue-restored' });
    run.inStateMs = 60_000;
    const waiting = (await alarmsOf(url)).find(({ code }) => code === 'too-few-workers');
    expect(waiting).toMatchObject({ active: true });
  });
});

describe('the queue', () => {
  it('is reported with the shards issued again', async () => {
    const { url, emit } = await startServer();
    for (let n = 1; n <= 60; n++) {
      emit({ event: 'reissue', step: n, index: 0, attempt: 2, reason: 'slow' });
    }
    const { body } = await ask(url, '/api/queue');
    expect(body).toMatchObject({
      ...{ redis: { up: true, reason: null }, jobs: { waiting: 0, active: 0, failed: 0 } },
      ...{ reissued: 60, board: '/queues/' },
    });
    const { lastReissues } = body as { lastReissues: { step: number }[] };
    expect([lastReissues.length, lastReissues[0]?.step]).toEqual([50, 60]);
  });

  it('can be inspected, not changed, without requests to another host', async () => {
    const redis = await startRedis({});
    onTestFinished(() => redis.stop());
    const address = { redis: redis.url, queue: 'run-1' };
    const queue = createBullQueue(address);
    onTestFinished(() => queue.close());
    await queue.enqueue([0, 1].map((index) => jobOf(index)));
    const { url } = await startServer({
      openQueueView: () => Promise.resolve(new QueueView(address)),
    });

    const page = await ask(url, '/queues/');
    expect(page.status).toBe(200);
    const [html, policy] = [String(page.body), page.headers.get('content-security-policy')];
    expect(html).toContain('<base href="/queues/"');
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(policy).toContain("default-src 'self'");
    const [, script = ''] = /src="(static\/[^"]+)"/.exec(html) ?? [];
    expect((await ask(url, `/queues/${script}`)).status).toBe(200);

    const { body } = await ask(url, '/queues/api/queues?page=1');
    expect(body).toMatchObject({
      queues: [{ name: 'shards', readOnlyMode: true, counts: { waiting: 2 } }],
    });
    for (const [method, path] of [
      ['PUT', '/queues/api/queues/shards/pause'],
      ['PUT', '/queues/api/queues/shards/empty'],
      ['PUT', '/queues/api/queues/shards/obliterate'],
    ] as const) {
      expect((await ask(url, path, { method })).status).toBe(404);
    }
    expect(await queue.counts()).toMatchObject({ waiting: 2 });
    expect((await ask(url, '/queues')).status).toBe(200); // redirected
  });
});

function jobOf(index: number): TrainJob {
  const shard = { step: 1, index, firstSample: 0, sampleCount: 1 };
  return { kind: 'train', runId: 'run-1', term: 1, shard, attempt: 1, version: 0, clean: false };
}
