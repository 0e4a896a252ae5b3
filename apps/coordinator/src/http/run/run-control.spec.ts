import { hasEnded, LockstepError } from '@lockstep/core';
import { describe, expect, it, vi } from 'vitest';
import { ask, post, problem, startSide } from '../testing/side.js';

describe('steering', () => {
  it('pauses and resumes, as often as one likes', async () => {
    const { url, join, collector } = await startSide();
    join('w1');
    for (const changed of [true, false]) {
      const { status, body } = await post(url, '/api/run/pause');
      expect({ status, body }).toMatchObject({ status: 200, body: { state: 'paused', changed } });
    }
    expect(collector.state.condition.state).toBe('paused');
    for (const changed of [true, false]) {
      const { status, body } = await post(url, '/api/run/resume', {});
      expect({ status, body }).toMatchObject({ status: 200, body: { state: 'running', changed } });
    }
  });

  it('answers a stop when the run is saved, to everyone who asked', async () => {
    const { url, side, stopping, collector } = await startSide();
    const answers = [post(url, '/api/run/stop'), post(url, '/api/run/stop', {})];
    await vi.waitFor(() => expect(stopping.signal.reason).toBe('stopped by the user'));
    expect(await post(url, '/api/run/pause')).toMatchObject({
      status: 409,
      body: problem('run-ended'),
    });
    collector.handle({ type: 'ended', how: 'stopped', reason: 'stopped by the user' });
    side.ended();
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatchObject({ status: 200, body: { state: 'stopped' } });
    }
  });

  it('refuses to steer a run that has ended', async () => {
    const { url, side, collector } = await startSide({
      scaler: { kind: 'local', scaleTo: () => Promise.resolve() },
    });
    collector.handle({ type: 'ended', how: 'finished', reason: 'all done' });
    side.ended();
    expect(hasEnded(collector.state.condition.state)).toBe(true);
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

  it('scales where something can, and says how many are useful', async () => {
    const wishes: number[] = [];
    const scaler = {
      kind: 'local' as const,
      scaleTo: (count: number) => Promise.resolve(void wishes.push(count)),
    };
    const { url } = await startSide({ scaler });
    expect(await post(url, '/api/workers/scale', { workers: 3 })).toMatchObject({
      status: 200,
      body: { wanted: 3, useful: 2, ready: 0 },
    });
    expect(wishes).toEqual([3]);
    const { body } = await ask(url, '/api/activity');
    expect(body).toMatchObject({
      events: [{ event: 'scaled', workers: 3, reason: 'requested by the user' }],
    });
    expect((await ask(url, '/api/run')).body).toMatchObject({
      scaler: { kind: 'local', target: null },
    });
  });

  it('says why it cannot scale', async () => {
    const { url } = await startSide();
    expect(await post(url, '/api/workers/scale', { workers: 3 })).toMatchObject({
      status: 409,
      body: problem('cannot-scale'),
    });
    const refused = new LockstepError('cannot-scale', 'no');
    const other = await startSide({
      scaler: { kind: 'local', scaleTo: () => Promise.reject(refused) },
    });
    expect(await post(other.url, '/api/workers/scale', { workers: 3 })).toMatchObject({
      status: 409,
      body: problem('cannot-scale'),
    });
  });
});
