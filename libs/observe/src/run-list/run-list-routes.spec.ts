import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunEvent } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { createRunFolder } from '@lockstep/store';
import { smallSpec } from '@lockstep/core/testing';
import { ask, problem, startServer, type Started } from '../testing/server.js';

/** Another run in the same folder. */
async function addRun({ folder }: Started, runId: string, events: readonly RunEvent[]) {
  const record = { runId, spec: smallSpec({}), model: 'small', data: 'small', createdAt: 'then' };
  const { path } = await createRunFolder(dirname(folder.path), record);
  const write = (event: RunEvent, at = 5): void =>
    appendFileSync(join(path, 'events.jsonl'), `${JSON.stringify({ ...event, at })}\n`);
  events.forEach((event) => write(event));
  return write;
}

const step = (n: number): RunEvent => ({
  ...{ event: 'step', step: n, loss: 1 / n, samplesPerSecond: 10, workers: 1 },
});
const tested = (n: number, testAccuracy: number): RunEvent => ({
  ...{ event: 'evaluation', step: n, testAccuracy, testLoss: 1 },
  metrics: { accuracy: testAccuracy },
});

describe('the runs', () => {
  it('are listed, newest first, with their state', async () => {
    const started = await startServer();
    await addRun(started, 'run-0', [
      ...[step(1), step(2), tested(2, 0.9), step(3), step(4), tested(4, 0.8)],
      { event: 'state', state: 'finished', reason: 'all 4 steps are done' },
    ]);
    await addRun(started, 'run-00', [{ event: 'state', state: 'running', reason: 'x' }, step(1)]);
    mkdirSync(join(dirname(started.folder.path), 'no-run'));
    started.run.join('w1');
    started.emit(step(1));
    const { status, body } = await ask(started.url, '/api/runs');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      runs: [
        { id: 'run-1', led: true, state: 'running', reason: '1 worker ready' },
        { id: 'run-00', led: false, state: 'interrupted', step: 1 },
        {
          ...{ id: 'run-0', led: false, state: 'finished', step: 4, steps: 4, createdAt: 'then' },
          lastEvaluation: { testAccuracy: 0.8 },
          bestEvaluation: { testAccuracy: 0.9, step: 2 },
          spec: { model: 'small', batch: 10 },
        },
      ],
      more: 0,
    });
    expect((body as { runs: unknown[] }).runs).toHaveLength(3);
  });

  it('have their steps, as the one that is led', async () => {
    const started = await startServer();
    const write = await addRun(started, 'run-0', [step(1), step(2), tested(2, 0.9), step(3)]);
    const steps = async (path: string) =>
      ((await ask(started.url, path)).body as { steps: { step: number }[] }).steps.map(
        (s) => s.step,
      );
    expect(await steps('/api/runs/run-0/steps')).toEqual([1, 2, 3]);
    expect(await steps('/api/runs/run-0/steps?from=2&to=2')).toEqual([2]);
    write(step(4)); // another coordinator continues it
    expect(await steps('/api/runs/run-0/steps')).toEqual([1, 2, 3, 4]);
    started.emit(step(1));
    expect(await steps('/api/runs/run-1/steps')).toEqual([1]);
  });

  it('that do not exist are not found, under any name', async () => {
    const { url } = await startServer();
    expect(await ask(url, '/api/runs/run-7/steps')).toMatchObject({
      status: 404,
      body: problem('run-not-found'),
    });
    expect((await ask(url, '/api/runs/..%2frun-1/steps')).status).toBe(400);
  });
});
