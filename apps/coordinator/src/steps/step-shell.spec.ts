import {
  systemClock,
  type Arbitration,
  type Clock,
  type Contribution,
  type RunEvent,
} from '@lockstep/core';
import { describe, expect, it, vi } from 'vitest';
import type { StepShell } from './step-shell.js';
import { makeShell } from './testing/make-shell.js';

const shard = (index: number) => ({ step: 1, index, firstSample: index, sampleCount: 1 });
const contribution = (index: number, sha256: string): Contribution => ({
  ...{ runId: 'r', term: 1, step: 1, index, attempt: 1, workerId: 'a', sha256 },
  ...{ sampleCount: 1, lossSum: 0, metricSums: [1], factoredSha256: '' },
  payload: { factored: new Uint8Array(0), dense: new Uint8Array(4) },
});

function shell(enqueue: () => Promise<void> = () => Promise.resolve()): StepShell {
  const clock: Clock = {
    ...systemClock,
    monotonicNow: () => 0,
    sleep: () => new Promise(() => undefined),
  };
  const { steps } = makeShell({ clock, enqueue });
  steps.join({ id: 'a', host: 'h', pid: 1, backend: 'native', local: true });
  steps.handle({ type: 'worker-heard', worker: 'a', ready: true });
  return steps;
}

describe('the step shell', () => {
  it('gives the counted contributions in shard order, also where two have equal bytes', async () => {
    const steps = shell();
    const collected = steps.collect(1, [shard(0), shard(1), shard(2)]);
    expect(steps.judge(contribution(2, 'same'), 'ok').verdict).toBe('counted');
    expect(steps.judge(contribution(0, 'same'), 'ok').verdict).toBe('counted');
    expect(steps.judge(contribution(0, 'same'), 'ok').verdict).toBe('duplicate');
    expect(steps.judge(contribution(1, 'other'), 'ok').verdict).toBe('counted');
    expect((await collected).map(({ index, sha256 }) => [index, sha256])).toEqual([
      [0, 'same'],
      [1, 'other'],
      [2, 'same'],
    ]);
  });

  it('says that the run waits while the queue is out of reach', async () => {
    const run = shell(() => Promise.reject(new Error('no Redis')));
    void run.collect(1, [shard(0)]);
    await Promise.resolve();
    await Promise.resolve();
    expect(run.state.condition).toMatchObject({ state: 'waiting-for-workers' });
    expect(run.state.condition.reason).toContain('no Redis');
  });

  it('loses no worker when the wall clock is set, or when this process did not run for a while', () => {
    const time = { wall: 0, passed: 0 };
    const clock: Clock = {
      ...systemClock,
      now: () => time.wall,
      monotonicNow: () => time.passed,
    };
    const { steps } = makeShell({ clock });
    steps.join({ id: 'a', host: 'h', pid: 1, backend: 'native', local: true });
    const after = (ms: number): boolean => {
      time.passed += ms;
      steps.tick();
      return steps.state.workers.has('a');
    };
    for (const wall of [3_600_000, -3_600_000, 0]) {
      time.wall = wall;
      expect(after(20)).toBe(true);
    }
    expect(after(8 * 3_600_000)).toBe(true); // the machine slept
    for (let ms = 0; ms < steps.options.heartbeatTimeoutMs; ms += 20) after(20);
    expect(after(20)).toBe(false); // and then no heartbeat came
  });
});

describe('a late contribution that differs', () => {
  const right: Arbitration = { sha256: 'right', finite: true };
  const late = async (compute: () => Promise<Arbitration>) => {
    const events: RunEvent[] = [];
    const { steps } = makeShell({ arbiter: { compute }, emit: (event) => events.push(event) });
    for (const id of ['a', 'b']) {
      steps.join({ id, host: 'h', pid: 1, backend: 'native', local: true });
      steps.handle({ type: 'worker-heard', worker: id, ready: true });
    }
    const collected = steps.collect(1, [shard(0)]);
    const ref = { step: 1, index: 0, attempt: 1 };
    for (const worker of ['a', 'b']) steps.handle({ type: 'taken', worker, term: 1, ref });
    steps.judge(contribution(0, 'right'), 'ok');
    await collected;
    const judged = steps.judge({ ...contribution(0, 'flipped'), workerId: 'b' }, 'ok');
    return { steps, events, judged };
  };

  it('is computed by the arbiter, and its worker quarantined and named', async () => {
    const { steps, events, judged } = await late(() => Promise.resolve(right));
    expect(judged.verdict).toBe('contradicts-ledger');
    await steps.untilUndisputed();
    const reason = 'it contributed flipped for step 1 shard 0, and the coordinator computes right';
    const named = { event: 'worker', id: 'b', state: 'quarantined', reason };
    expect(events).toContainEqual(expect.objectContaining(named));
    expect(steps.state.condition.state).toBe('running');
  });

  it('pauses the run with an alarm if the arbiter cannot compute it, until the run is resumed', async () => {
    const causes = [new Error('no data')];
    const { steps, events } = await late(() => {
      const cause = causes.pop();
      return cause ? Promise.reject(cause) : Promise.resolve(right);
    });
    await vi.waitFor(() => expect(steps.state.condition.state).toBe('paused'));
    const message =
      'the contributions for step 1 shard 0 are disputed, and the coordinator cannot compute it: no data';
    expect(events).toContainEqual({ event: 'alarm', code: 'dispute-undecided', message });
    steps.handle({ type: 'resumed' });
    await steps.untilUndisputed();
    expect(steps.state.workers.get('b')?.state).toBe('quarantined');
  });
});
