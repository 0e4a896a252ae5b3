import { defaultMachineOptions } from '@lockstep/core';
import type { ContributionHeader, Follower, HeartbeatRequest } from '@lockstep/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ask, post, problem, startSide, type Side } from '../testing/side.js';

const beat = (log: HeartbeatRequest['log'] = []): HeartbeatRequest => ({
  ...{
    session: 's',
    version: 1,
    shard: undefined,
    rssBytes: 1,
    tensorCount: 2,
    cpuSeconds: 3,
    log,
  },
});

/** A stream that a worker follows. */
function follow({ roster }: Side, member: ReturnType<Side['join']>) {
  const sent: unknown[] = [];
  const connection = new AbortController();
  const follower: Follower = {
    signal: connection.signal,
    queuedBytes: 0,
    send: (message) => void sent.push(message),
    refuse: () => undefined,
    end: () => connection.abort(),
  };
  roster.follows(member, follower);
  return { sent, connection };
}

async function rowOf(side: Side, id: string): Promise<unknown> {
  const { body } = await ask(side.url, '/api/workers');
  return (body as { workers: { id: string }[] }).workers.find((row) => row.id === id);
}

describe('the workers', () => {
  it('keep their row when they have gone, with the reason, and lose it when they come back', async () => {
    const side = await startSide();
    const { connection } = follow(side, side.join('w1'));
    side.join('w2');
    connection.abort();
    expect(await rowOf(side, 'w1')).toMatchObject({
      ...{ state: 'lost', reason: 'its connection broke', straggling: false, cores: null },
    });
    expect(await rowOf(side, 'w2')).toMatchObject({ state: 'ready', reason: null });
    side.join('w1');
    expect(await rowOf(side, 'w1')).toMatchObject({ state: 'ready', reason: null });
    const { body } = await ask(side.url, '/api/workers');
    expect((body as { workers: unknown[] }).workers).toHaveLength(2);
  });

  it('show one that was refused', async () => {
    const side = await startSide();
    side.roster.refused(
      { id: 'w9', host: 'h', pid: 1, backend: 'wasm' },
      'it would compute other bits',
    );
    expect(await rowOf(side, 'w9')).toMatchObject({ state: 'refused', backend: 'wasm' });
  });

  it('show the straggler that takes twice as long as the others', async () => {
    const side = await startSide();
    const answer = (id: string, computeMs: number): void =>
      side.roster.contributed(
        id,
        { sampleCount: 5, timings: { computeMs } } as unknown as ContributionHeader,
        'counted',
      );
    for (const [id, ms] of [
      ['w1', 20],
      ['w2', 30],
      ['w3', 70],
    ] as const) {
      side.join(id);
      for (let n = 0; n < 5; n++) answer(id, ms);
    }
    const rows = await Promise.all(['w1', 'w2', 'w3'].map((id) => rowOf(side, id)));
    expect(rows.map((row) => (row as { straggling: boolean }).straggling)).toEqual([
      ...[false, false, true],
    ]);
  });

  it('show the straggler whose shard is long overdue, and not one that is merely late', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const side = await startSide();
    side.join('w1');
    const shard = { step: 1, index: 0, firstSample: 0, sampleCount: 5 };
    side.collector.handle({ type: 'step-opened', step: 1, shards: [shard] });
    const ref = { step: 1, index: 0, attempt: 1 };
    side.collector.handle({ type: 'taken', worker: 'w1', term: 1, ref });
    const after = async (deadlines: number): Promise<unknown> => {
      vi.setSystemTime(Date.now() + deadlines * defaultMachineOptions.initialDeadlineMs);
      return rowOf(side, 'w1');
    };
    expect(await after(1.5)).toMatchObject({ shard: ref, straggling: false });
    expect(await after(1)).toMatchObject({ shard: ref, straggling: true });
  });

  it('have their share of what was counted while they belonged to the run', async () => {
    const side = await startSide();
    const answer = (id: string, sampleCount: number): void =>
      side.roster.contributed(id, { sampleCount } as unknown as ContributionHeader, 'counted');
    const share = async (id: string): Promise<number> =>
      ((await rowOf(side, id)) as { share: number }).share;
    side.join('w1');
    answer('w1', 900);
    side.join('w2');
    expect([await share('w1'), await share('w2')]).toEqual([1, 0]);
    answer('w1', 50);
    answer('w2', 50);
    expect([await share('w1'), await share('w2')]).toEqual([0.95, 0.5]);
    side.roster.gone('w2', 'left', 'drained');
    answer('w1', 1_000);
    expect(await share('w2')).toBe(0.5);
    side.join('w2'); // joins again
    answer('w2', 30);
    answer('w1', 10);
    expect(await share('w2')).toBe(0.75);
  });

  it('compute nothing once the run has ended', async () => {
    const side = await startSide();
    side.join('w1');
    const shard = { step: 1, index: 0, firstSample: 0, sampleCount: 5 };
    side.collector.handle({ type: 'step-opened', step: 1, shards: [shard] });
    const ref = { step: 1, index: 0, attempt: 1 };
    side.collector.handle({ type: 'taken', worker: 'w1', term: 1, ref });
    side.roster.contributed('w1', { sampleCount: 5 } as unknown as ContributionHeader, 'counted');
    expect(await rowOf(side, 'w1')).toMatchObject({ shard: ref });
    side.collector.handle({ type: 'ended', how: 'finished', reason: 'done' });
    expect(await rowOf(side, 'w1')).toMatchObject({ shard: null, samplesPerSecond: 0 });
    expect((await ask(side.url, '/api/run')).body).toMatchObject({
      workers: { joining: 0, ready: 0, quarantined: 0 },
    });
  });

  it('are asked to leave, once', async () => {
    const side = await startSide();
    const { sent } = follow(side, side.join('w1'));
    for (const changed of [true, false]) {
      expect(await post(side.url, '/api/workers/w1/drain')).toMatchObject({
        ...{ status: 200, body: { id: 'w1', changed } },
      });
    }
    expect(sent).toHaveLength(1);
    expect(await rowOf(side, 'w1')).toMatchObject({ draining: true });
    side.join('w2'); // joins, but does not follow yet
    for (const id of ['w2', 'nobody']) {
      expect(await post(side.url, `/api/workers/${id}/drain`)).toMatchObject({
        ...{ status: 400, body: problem('bad-request') },
      });
    }
    side.collector.handle({ type: 'ended', how: 'finished', reason: 'done' });
    expect(await post(side.url, '/api/workers/w1/drain')).toMatchObject({ status: 409 });
  });

  it('have a log, also after they have gone', async () => {
    const side = await startSide();
    side.join('w1');
    const line = (number: number, warning: boolean) => ({
      number,
      at: 5,
      warning,
      text: `${number}`,
    });
    side.roster.heard('w1', beat([line(1, false), line(2, true), line(3, false)]));
    side.roster.gone('w1', 'left', 'the run is over');
    expect((await ask(side.url, '/api/workers/w1/log?lines=2')).body).toEqual({
      id: 'w1',
      lines: [
        { number: 2, at: 5, level: 'warn', text: '2' },
        { number: 3, at: 5, level: 'info', text: '3' },
      ],
    });
    expect((await ask(side.url, '/api/workers/nobody/log')).status).toBe(400);
    expect((await ask(side.url, '/api/workers/w1/log?lines=0')).status).toBe(400);
  });
});
