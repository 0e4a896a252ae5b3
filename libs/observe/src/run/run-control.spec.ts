import { hasEnded, LockstepError } from '@lockstep/core';
import { describe, expect, it, vi } from 'vitest';
import { ask, post, problem, startServer } from '../testing/server.js';

describe('control', () => {
  it('pauses and resumes, repeatedly', async () => {
    const { url, run } = await startServer();
    run.join('w1');
    for (const changed of [true, false]) {
      const { status, body } = await post(url, '/api/run/pause');
      expect({ status, body }).toMatchObject({ status: 200, body: { state: 'paused', changed } });
    }
    expect(run.status.condition.state).toBe('paused');
    for (const changed of [true, false]) {
      const { status, body } = await post(url, '/api/run/resume', {});
      expect({ status, body }).toMatchObject({ status: 200, body: { state: 'running', changed } });
    }
  });

  it('responds to every stop request when the run is saved', async () => {
    const { url, server, run } = await startServer();
    const stops = [post(url, '/api/run/stop'), post(url, '/api/run/stop', {})];
    await vi.waitFor(() => expect(run.stoppedBecause).toBe('stopped by the user'));
    expect(await post(url, '/api/run/pause')).toMatchObject({
      status: 409,
      body: problem('run-ended'),
    });
    run.tell({ type: 'ended', how: 'stopped', reason: 'stopped by the user' });
    server.ended();
    for (const stop of await Promise.all(stops)) {
      expect(stop).toMatchObject({ status: 200, body: { state: 'stopped' } });
    }
  });

  it('refuses to control a run that has ended', async () => {
    const { url, server, run } = await startServer({
      scaleTo: () => Promise.resolve(),
    });
    run.tell({ type: 'ended', how: 'finished', reason: 'all done' });
    server.ended();
    expect(hasEnded(run.status.condition.state)).toBe(true);
    for (const [path, body] of [
      ['/api/run/pause'],
      ['/api/run/resume'],
      ['/api/workers/scale', { workers: 1 }],
    ] as const) {
      expect(await post(url, path, body)).toMatchObject({
        status: 409,
        body: problem('run-ended'),
      });
    }
    expect(await post(url, '/api/run/stop')).toMatchObject({
      status: 200,
      body: { state: 'finished', changed: false },
    });
  });

  it('scales where it can, and says how many workers are useful', async () => {
    const requests: number[] = [];
    const scaleTo = (count: number) => Promise.resolve(void requests.push(count));
    const { url } = await startServer({ scaleTo });
    expect(await post(url, '/api/workers/scale', { workers: 3 })).toMatchObject({
      status: 200,
      body: { wanted: 3, useful: 2, ready: 0 },
    });
    expect(requests).toEqual([3]);
    const { body } = await ask(url, '/api/activity');
    expect(body).toMatchObject({
      events: [{ event: 'scaled', workers: 3, reason: 'requested by the user' }],
    });
    expect((await ask(url, '/api/run')).body).toMatchObject({
      scaler: { kind: 'local', target: null },
    });
  });

  it('says why it cannot scale', async () => {
    const { url } = await startServer();
    expect(await post(url, '/api/workers/scale', { workers: 3 })).toMatchObject({
      status: 409,
      body: problem('cannot-scale'),
    });
    const refused = new LockstepError('cannot-scale', 'no');
    const other = await startServer({
      scaleTo: () => Promise.reject(refused),
    });
    expect(await post(other.url, '/api/workers/scale', { workers: 3 })).toMatchObject({
      status: 409,
      body: problem('cannot-scale'),
    });
  });
});
