import { defaultMachineOptions, systemClock } from '@lockstep/core';
import type { ContributionHeader, Follower, HeartbeatRequest } from '@lockstep/protocol';
import { describe, expect, it, vi } from 'vitest';
import { ask, observeRun, type ObservedRun } from './testing/observed-run.js';

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

/** A worker's update stream. */
function follow({ service }: ObservedRun, worker: ReturnType<ObservedRun['join']>) {
  const sent: unknown[] = [];
  const connection = new AbortController();
  const follower: Follower = {
    signal: connection.signal,
    queuedBytes: 0,
    send: (message) => void sent.push(message),
    refuse: () => undefined,
    end: () => connection.abort(),
  };
  service.follows(worker, follower);
  return { sent, connection };
}

/** A worker joins and computes the only shard of step 1. @returns the attempt */
function startShard(run: ObservedRun, worker: string) {
  run.join(worker);
  const shard = { step: 1, index: 0, firstSample: 0, sampleCount: 5 };
  run.steps.handle({ type: 'step-opened', step: 1, shards: [shard] });
  const ref = { step: 1, index: 0, attempt: 1 };
  run.steps.handle({ type: 'taken', worker, term: 1, ref });
  return ref;
}

async function rowOf(run: ObservedRun, id: string): Promise<unknown> {
  const { body } = await ask(run.url, '/api/workers');
  return (body as { workers: { id: string }[] }).workers.find((row) => row.id === id);
}

describe('the workers of a led run', () => {
  it('keep their row with the reason when they have left, and get a new one when they return', async () => {
    const run = await observeRun();
    const { connection } = follow(run, run.join('w1'));
    run.join('w2');
    connection.abort();
    expect(await rowOf(run, 'w1')).toMatchObject({
      ...{ state: 'lost', reason: 'its connection broke', straggling: false, cores: null },
    });
    expect(await rowOf(run, 'w2')).toMatchObject({ state: 'ready', reason: null });
    run.join('w1');
    expect(await rowOf(run, 'w1')).toMatchObject({ state: 'ready', reason: null });
    const { body } = await ask(run.url, '/api/workers');
    expect((body as { workers: unknown[] }).workers).toHaveLength(2);
  });

  it('include one that was refused', async () => {
    const run = await observeRun();
    run.service.refused(
      { id: 'w9', host: 'h', pid: 1, backend: 'wasm' },
      'it would compute other bits',
    );
    expect(await rowOf(run, 'w9')).toMatchObject({ state: 'refused', backend: 'wasm' });
  });

  it('include the straggler that takes twice as long as the others', async () => {
    const run = await observeRun();
    const contribute = (id: string, computeMs: number): void =>
      run.service.contributed(
        id,
        { sampleCount: 5, timings: { computeMs } } as unknown as ContributionHeader,
        'counted',
      );
    for (const [id, ms] of [
      ['w1', 20],
      ['w2', 30],
      ['w3', 70],
    ] as const) {
      run.join(id);
      for (let n = 0; n < 5; n++) contribute(id, ms);
    }
    const rows = await Promise.all(['w1', 'w2', 'w3'].map((id) => rowOf(run, id)));
    expect(rows.map((row) => (row as { straggling: boolean }).straggling)).toEqual([
      ...[false, false, true],
    ]);
  });

  it('include the straggler whose shard is long overdue, not one that is merely late', async () => {
    let passed = 0;
    const run = await observeRun({ clock: { ...systemClock, monotonicNow: () => passed } });
    const ref = startShard(run, 'w1');
    const after = async (deadlines: number): Promise<unknown> => {
      passed += deadlines * defaultMachineOptions.initialDeadlineMs;
      return rowOf(run, 'w1');
    };
    expect(await after(1.5)).toMatchObject({ shard: ref, straggling: false });
    expect(await after(1)).toMatchObject({ shard: ref, straggling: true });
  });

  it('have their share of the samples counted while they belonged to the run', async () => {
    const run = await observeRun();
    const contribute = (id: string, sampleCount: number): void =>
      run.service.contributed(id, { sampleCount } as unknown as ContributionHeader, 'counted');
    const share = async (id: string): Promise<number> =>
      ((await rowOf(run, id)) as { share: number }).share;
    run.join('w1');
    contribute('w1', 900);
    run.join('w2');
    expect([await share('w1'), await share('w2')]).toEqual([1, 0]);
    contribute('w1', 50);
    contribute('w2', 50);
    expect([await share('w1'), await share('w2')]).toEqual([0.95, 0.5]);
    run.service.gone('w2', 'left', 'drained');
    contribute('w1', 1_000);
    expect(await share('w2')).toBe(0.5);
    run.join('w2'); // joins again
    contribute('w2', 30);
    contribute('w1', 10);
    expect(await share('w2')).toBe(0.75);
  });

  it('compute nothing once the run has ended', async () => {
    const run = await observeRun();
    const ref = startShard(run, 'w1');
    run.service.contributed('w1', { sampleCount: 5 } as unknown as ContributionHeader, 'counted');
    expect(await rowOf(run, 'w1')).toMatchObject({ shard: ref });
    run.steps.handle({ type: 'ended', how: 'finished', reason: 'done' });
    expect(await rowOf(run, 'w1')).toMatchObject({ shard: null, samplesPerSecond: 0 });
    expect((await ask(run.url, '/api/run')).body).toMatchObject({
      workers: { joining: 0, ready: 0, quarantined: 0 },
    });
  });

  it('are asked to leave, once', async () => {
    const run = await observeRun();
    const { sent } = follow(run, run.join('w1'));
    for (const changed of [true, false]) {
      expect(await ask(run.url, '/api/workers/w1/drain', 'POST')).toMatchObject({
        ...{ status: 200, body: { id: 'w1', changed } },
      });
    }
    expect(sent).toHaveLength(1);
    expect(await rowOf(run, 'w1')).toMatchObject({ draining: true });
    run.join('w2'); // joins, but does not follow yet
    for (const id of ['w2', 'unknown']) {
      expect(await ask(run.url, `/api/workers/${id}/drain`, 'POST')).toMatchObject({
        ...{ status: 400, body: { error: { code: 'bad-request' } } },
      });
    }
    run.steps.handle({ type: 'ended', how: 'finished', reason: 'done' });
    expect(await ask(run.url, '/api/workers/w1/drain', 'POST')).toMatchObject({ status: 409 });
  });

  it('have a log, also after they have left', async () => {
    const run = await observeRun();
    run.join('w1');
    const line = (number: number, warning: boolean) => ({
      number,
      at: 5,
      warning,
      text: `${number}`,
    });
    run.service.heard('w1', beat([line(1, false), line(2, true), line(3, false)]));
    run.service.gone('w1', 'left', 'the run is over');
    expect((await ask(run.url, '/api/workers/w1/log?lines=2')).body).toEqual({
      id: 'w1',
      lines: [
        { number: 2, at: 5, level: 'warn', text: '2' },
        { number: 3, at: 5, level: 'info', text: '3' },
      ],
    });
    expect((await ask(run.url, '/api/workers/unknown/log')).status).toBe(400);
    expect((await ask(run.url, '/api/workers/w1/log?lines=0')).status).toBe(400);
  });
});

describe('the wall clock', () => {
  it('may be set by an hour: ages are measured, and time stamps stay as they were recorded', async () => {
    const time = { wall: 5_000_000, passed: 0 };
    const clock = { ...systemClock, now: () => time.wall, monotonicNow: () => time.passed };
    const run = await observeRun({ clock });
    run.join('w1');
    run.service.heard('w1', beat());
    time.wall += 3_600_000;
    time.passed += 40;
    expect(await rowOf(run, 'w1')).toMatchObject({
      ...{ state: 'ready', joinedAt: 5_000_000, lastSeenAt: 5_000_000, heartbeatAgeMs: 40 },
    });
    expect((await ask(run.url, '/api/run')).body).toMatchObject({ since: 5_000_000 });
  });
});

describe('a led run', () => {
  it('pauses and resumes in the step machine', async () => {
    const { url, join, steps } = await observeRun();
    join('w1');
    await ask(url, '/api/run/pause', 'POST');
    expect(steps.state).toMatchObject({
      ...{ pausedBecause: 'paused by the user', condition: { state: 'paused' } },
    });
    await ask(url, '/api/run/resume', 'POST');
    expect(steps.state.condition.state).toBe('running');
  });

  it('begins to stop, with a reason', async () => {
    const { url, steps, stopping } = await observeRun();
    const stop = ask(url, '/api/run/stop', 'POST');
    await vi.waitFor(() => expect(stopping.signal.reason).toBe('stopped by the user'));
    expect((await ask(url, '/api/run')).body).toMatchObject({ stopping: true });
    steps.handle({ type: 'ended', how: 'stopped', reason: 'stopped by the user' });
    stop.catch(() => undefined);
  });

  it('passes requests to its scaler, and drains without a replacement', async () => {
    const requests: unknown[] = [];
    const scaler = {
      kind: 'local' as const,
      scaleTo: (count: number) => Promise.resolve(void requests.push(count)),
      retireWorker: (worker: string) => Promise.resolve(void requests.push(worker)),
    };
    const run = await observeRun({ scaler });
    follow(run, run.join('w1'));
    await scale(run.url, 3);
    await ask(run.url, '/api/workers/w1/drain', 'POST');
    expect(requests).toEqual([3, 'w1']);
    const { body } = await ask(run.url, '/api/run');
    expect(body).toMatchObject({ wantedWorkers: 2, scaler: { kind: 'local', target: null } });
  });

  it('has its evaluations, verdicts and timelines', async () => {
    const { view, join, service, evaluations, timelines } = await observeRun();
    const header = { sampleCount: 5 } as unknown as ContributionHeader;
    service.contributed('w1', header, 'late');
    expect(view.verdicts()).toEqual({ late: 1 });
    const done = evaluations.evaluate(100);
    const worker = join('w1');
    evaluations.take(worker, 100, 0);
    const count = view.folder.record.spec.data.testCount;
    evaluations.accept(worker, {
      ...{ version: 100, index: 0, sampleCount: count, metricSums: [1], lossSum: 1 },
      ...{ predictions: new Uint16Array(count), confidences: new Float32Array(count) },
    });
    expect(await view.evaluations()).toEqual([await done]);
    expect(view.timelines).toBe(timelines);
  });
});

async function scale(url: string, workers: number): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ workers });
  await fetch(`${url}/api/workers/scale`, { method: 'POST', headers, body });
}
