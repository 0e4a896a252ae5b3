import type { RunEvent } from '@lockstep/core';
import { describe, expect, it, vi } from 'vitest';
import { ask, startServer } from '../testing/server.js';

const step = (n: number, more: object = {}): RunEvent => ({
  ...{ event: 'step', step: n, loss: 1 / n, samplesPerSecond: 10, workers: 1, learningRate: 0.1 },
  ...more,
});

const RUN_EVENT = { $ref: '#/components/schemas/RunEvent' };

describe('the API', () => {
  it('has the run’s state and its figures', async () => {
    const { url, emit, run } = await startServer();
    run.join('w1');
    emit(step(1, { trainAccuracy: 0.25 }));
    emit({
      event: 'evaluation',
      step: 1,
      testAccuracy: 0.9,
      testLoss: 0.3,
      metrics: { accuracy: 0.9 },
    });
    emit({
      event: 'evaluation',
      step: 2,
      testAccuracy: 0.8,
      testLoss: 0.4,
      metrics: { accuracy: 0.8 },
    });
    const { status, body } = await ask(url, '/api/run');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ runId: 'run-1', state: 'running', reason: '1 worker ready', term: 1, steps: 4, loss: 1 },
      ...{ trainAccuracy: 0.25, samplesPerSecond: 10, usefulWorkers: 2 },
      lastEvaluation: { step: 2, testAccuracy: 0.8 },
      bestEvaluation: { step: 1, testAccuracy: 0.9 },
      workers: { joining: 0, ready: 1, quarantined: 0 },
      spec: { model: 'small', batch: 10, shardsPerStep: 2, parameterCount: 4 },
    });
  });

  it('has one row per worker, with its share and its refusals', async () => {
    const { url, run } = await startServer();
    run.join('w1', { countedShards: 3, countedSamples: 15, countedByAll: 20 });
    run.join('w2', { countedSamples: 5, countedByAll: 20, refusals: { late: 1 } });
    const { body } = await ask(url, '/api/workers');
    expect(body).toMatchObject({
      usefulWorkers: 2,
      workers: [
        { id: 'w1', state: 'ready', share: 0.75, countedShards: 3, countedSamples: 15, pid: 7 },
        { id: 'w2', share: 0.25, refusals: { late: 1 }, rssBytes: null, shard: null },
      ],
    });
  });

  it('has the steps before the first request and after it, each once', async () => {
    const { url, emit } = await startServer();
    for (let n = 1; n <= 500; n++) emit(step(n, n % 100 === 0 ? { trainAccuracy: 0.5 } : {}));
    const first = ask(url, '/api/steps');
    for (let n = 501; n <= 600; n++) emit(step(n));
    await first;
    emit(step(601));
    const { body } = await ask(url, '/api/steps');
    const { steps, decimated } = body as { steps: { step: number }[]; decimated: boolean };
    expect(steps.map((row) => row.step)).toEqual(Array.from({ length: 601 }, (_, n) => n + 1));
    expect(decimated).toBe(false);
    const some = (await ask(url, '/api/steps?from=100&to=500&points=10')).body;
    expect(some).toMatchObject({ decimated: true });
    const picked = (some as { steps: { step: number; trainAccuracy?: number }[] }).steps;
    expect(picked).toHaveLength(10);
    expect([picked[0]?.step, picked.at(-1)?.step]).toEqual([100, 500]);
    expect(picked.filter(({ trainAccuracy }) => trainAccuracy !== undefined)).toHaveLength(5);
  });

  it('lists checkpoints, and which are kept', async () => {
    const { url, emit, folder } = await startServer();
    await folder.disk.makeFolder('checkpoints');
    await folder.disk.write('checkpoints/step-000000002.ckpt', []);
    for (const n of [1, 2]) emit({ event: 'checkpoint', step: n, bytes: 8, milliseconds: 3 });
    const { body } = await ask(url, '/api/checkpoints');
    expect(body).toMatchObject({
      checkpoints: [
        { version: 1, bytes: 8, milliseconds: 3, kept: false },
        { version: 2, kept: true },
      ],
    });
  });

  it('describes itself in OpenAPI: every path with its responses', async () => {
    const { url } = await startServer();
    const { body } = await ask(url, '/api/openapi.json');
    const { paths, components } = body as Record<string, Record<string, object>>;
    expect(Object.keys(paths).sort()).toEqual([
      '/api/activity',
      '/api/alarms',
      '/api/checkpoints',
      '/api/checkpoints/{version}/download',
      '/api/evaluation',
      '/api/events',
      '/api/login',
      '/api/logout',
      '/api/model',
      '/api/model/filters',
      '/api/model/histograms',
      '/api/predict',
      '/api/queue',
      '/api/run',
      '/api/run/pause',
      '/api/run/resume',
      '/api/run/stop',
      '/api/runs',
      '/api/runs/{runId}/steps',
      '/api/session',
      '/api/steps',
      '/api/steps/{step}/timeline',
      '/api/test-digits/{index}',
      '/api/timeline',
      '/api/trace',
      '/api/workers',
      '/api/workers/scale',
      '/api/workers/{id}/drain',
      '/api/workers/{id}/log',
    ]);
    expect(paths['/api/events']).toMatchObject({
      get: { responses: { '200': { content: { 'text/event-stream': { schema: RUN_EVENT } } } } },
    });
    expect(components.schemas).toMatchObject({ RunEvent: { oneOf: expect.any(Array) as [] } });
    expect(paths['/api/workers/scale']).toMatchObject({
      post: {
        requestBody: {
          content: {
            'application/json': { schema: { properties: { workers: { maximum: 1000 } } } },
          },
        },
        responses: { '200': {}, '400': {}, '409': {} },
      },
    });
  });

  it('is alive before it leads a run, and ready only while it does', async () => {
    const { url, lead, run } = await startServer({ led: false });
    expect(await ask(url, '/healthz')).toMatchObject({ status: 200 });
    expect(await ask(url, '/readyz')).toMatchObject({ status: 503 });
    lead();
    await vi.waitFor(async () => expect((await ask(url, '/readyz')).status).toBe(200));
    run.tell({ type: 'ended', how: 'finished', reason: 'done' });
    expect(await ask(url, '/readyz')).toMatchObject({ status: 503 });
  });

  it('is ready after the end of its run where it keeps running', async () => {
    const { url, lead, run } = await startServer({ led: false, stays: true });
    lead();
    await vi.waitFor(async () => expect((await ask(url, '/readyz')).status).toBe(200));
    run.tell({ type: 'ended', how: 'finished', reason: 'done' });
    expect(await ask(url, '/readyz')).toMatchObject({ status: 200 });
  });

  it('follows the events from where /api/run was', async () => {
    const { url, emit } = await startServer();
    emit(step(1));
    const { lastEventId } = (await ask(url, '/api/run')).body as { lastEventId: string };
    emit(step(2));
    const response = await fetch(`${url}/api/events?lastEventId=${lastEventId}`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes('"step":2')) break;
    }
    expect(text).not.toContain('"step":1');
  });
});

describe('metrics', () => {
  it('counts what happened before the first scrape as well', async () => {
    const { url, emit, run } = await startServer();
    run.join('w1');
    for (let n = 1; n <= 3; n++) emit(step(n, { stepMs: 20 }));
    Object.assign(run.counts, { counted: 1, late: 1 });
    emit({ event: 'checkpoint', step: 3, bytes: 8, milliseconds: 200 });
    emit({ event: 'reissue', step: 3, index: 0, attempt: 2, reason: 'slow' });
    const { body, headers } = await ask(url, '/metrics');
    expect(headers.get('content-type')).toContain('text/plain');
    for (const line of [
      'lockstep_steps 4',
      'lockstep_run_state{state="running"} 1',
      'lockstep_workers{state="ready"} 1',
      'lockstep_workers_wanted 2',
      'lockstep_samples_total 30',
      'lockstep_contributions_total{verdict="counted"} 1',
      'lockstep_contributions_total{verdict="late"} 1',
      'lockstep_reissues_total 1',
      'lockstep_step_seconds_count 3',
      'lockstep_step_seconds_sum 0.06',
      'lockstep_checkpoint_seconds_sum 0.2',
      'lockstep_queue_jobs{state="waiting"} 0',
    ]) {
      expect(body).toContain(`${line}\n`);
    }
  });

  it('asks for no workers once the run has ended', async () => {
    const { url, run } = await startServer();
    run.tell({ type: 'ended', how: 'stopped', reason: 'x' });
    expect((await ask(url, '/metrics')).body).toContain('lockstep_workers_wanted 0\n');
  });
});
