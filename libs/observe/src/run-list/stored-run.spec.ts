import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type RunEvent } from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';
import {
  createRunFolder,
  LockWatch,
  EventLog,
  saveEvaluation,
  takeRunLock,
  type RunFolder,
} from '@lockstep/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readHistory } from '../history/run-history.js';
import { reportRun } from '../run/run-report.js';
import { startedEvent as started } from '../testing/started-event.js';
import { readOutline, StoredRun } from './stored-run.js';

const step = (n: number): RunEvent => ({
  ...{ event: 'step', step: n, loss: 1 / n, samplesPerSecond: 10, workers: 1 },
});

/** A run's folder with these events. */
async function folderWith(events: readonly RunEvent[]): Promise<RunFolder> {
  const out = mkdtempSync(join(tmpdir(), 'lockstep-stored-'));
  onTestFinished(() => rmSync(out, { recursive: true }));
  const record = { runId: 'run-1', spec: smallSpec({}), model: 'small', data: 'small' };
  const folder = await createRunFolder(out, { ...record, createdAt: 'now' });
  const log = new EventLog(folder.disk, () => 5, 3);
  for (const event of events) log.write(event);
  log.close();
  return folder;
}

const open = async (folder: RunFolder): Promise<StoredRun> =>
  StoredRun.open(folder, await readOutline(folder.path), new LockWatch(systemClock));

describe('StoredRun', () => {
  it('is read from its folder, and reported as a led one is', async () => {
    const folder = await folderWith([
      ...[started, step(1), { event: 'state', state: 'running', reason: '1 worker ready' }],
      ...[
        step(2),
        {
          event: 'evaluation',
          step: 2,
          testAccuracy: 0.9,
          testLoss: 1,
          metrics: { accuracy: 0.9 },
        },
      ],
      { event: 'state', state: 'stopped', reason: 'stopped by the user' },
    ] as RunEvent[]);
    const run = await open(folder);
    expect(run.status).toEqual({
      ...{ term: 3, committedStep: 2 },
      condition: { state: 'stopped', reason: 'stopped by the user', since: 5 },
    });
    const facts = { scaler: undefined, wantedWorkers: undefined, stays: false, lastEventId: '' };
    expect(reportRun(run, await readHistory(folder.path), facts)).toMatchObject({
      ...{ runId: 'run-1', state: 'stopped', term: 3, step: 2, loss: 0.5, fingerprint: 'ff' },
      ...{ lastEvaluation: { step: 2, testAccuracy: 0.9 }, usefulWorkers: 2 },
    });
    expect(run.isInterrupted).toBe(false);
  });

  it('is as its newest term left it, whatever a superseded coordinator wrote later', async () => {
    const folder = await folderWith([started, step(1)]);
    const late = new EventLog(folder.disk, () => 6, 2);
    late.write(step(9));
    late.write({ event: 'state', state: 'failed', reason: 'superseded' });
    late.close();
    expect((await open(folder)).status).toMatchObject({
      ...{ term: 3, committedStep: 1 },
      condition: { state: 'waiting-for-workers' },
    });
  });

  it('has the evaluations that were saved, newest last', async () => {
    const folder = await folderWith([started]);
    const count = folder.record.spec.data.testCount;
    const evaluations = [2, 4].map((version) => ({
      ...{ version, testAccuracy: 0.5, testLoss: 1, metrics: { accuracy: 0.5 } },
      ...{ predictions: new Uint16Array(count), confidences: new Float32Array(count).fill(0.5) },
    }));
    for (const each of evaluations) await saveEvaluation(folder.disk, folder.record.spec, each, 5);
    expect(await (await open(folder)).evaluations()).toEqual(evaluations);
  });

  it('is interrupted where it has not ended and no coordinator writes it', async () => {
    const folder = await folderWith([started, { event: 'state', state: 'running', reason: 'x' }]);
    expect((await open(folder)).isInterrupted).toBe(true);
    // The parent process, which lives as long as this one.
    const writer = { host: hostname(), pid: process.ppid, isAlive: () => true };
    const lock = await takeRunLock(folder.disk, systemClock, writer);
    expect((await open(folder)).isInterrupted).toBe(false);
    await lock.release();
  });

  it('has not begun where it has no events', async () => {
    const { status } = await open(await folderWith([]));
    expect(status.condition).toEqual({
      ...{ state: 'waiting-for-workers', reason: 'it has not begun', since: 0 },
    });
  });
});
