import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock, type RunEvent, type Verdict } from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';
import { planEvaluation } from '@lockstep/data';
import { noLogin, ObserveServer } from '@lockstep/observe';
import { MemoryQueue } from '@lockstep/queue';
import { createRunFolder, EventLog } from '@lockstep/store';
import { onTestFinished } from 'vitest';
import type { ContributionHeader, Follower, HeartbeatRequest } from '@lockstep/protocol';
import { Evaluations } from '../run/evaluations.js';
import { observedRun } from '../run-view.js';
import { Violations } from '../service/violations.js';
import type { WorkerScaler } from '../scaling/worker-scaler.js';
import type { StepShell } from '../steps/step-shell.js';
import { makeShell } from '../steps/testing/make-shell.js';
import { WorkerRecord, type WorkerIdentity } from '../workers/worker-record.js';
import type { WorkerRegistry } from '../workers/worker-registry.js';
import { Timelines } from '../timeline/timelines.js';

const numerics = { fingerprint: 'bb', fields: {} };
const replica = { recent: () => Promise.reject(new Error('this run has no engine')) };

/** The API on a real socket, over a real step shell, worker registry and run folder; without training. */
export async function observeRun({
  scaler,
  clock = systemClock,
}: { scaler?: WorkerScaler; clock?: Clock } = {}) {
  const out = mkdtempSync(join(tmpdir(), 'lockstep-http-'));
  const spec = smallSpec({});
  const record = { runId: 'run-1', spec, model: 'small', data: 'small', createdAt: 'now' };
  const folder = await createRunFolder(out, record);
  const log = new EventLog(folder.disk, Date.now, 1);
  const stopping = new AbortController();
  const server = await ObserveServer.start({
    http: '127.0.0.1:0',
    access: { roles: noLogin },
  });
  const emit = (event: RunEvent): void => {
    log.write(event);
    server.push(event);
  };
  const timelines = new Timelines();
  const { steps, workers } = makeShell({ runId: record.runId, clock, spec, emit, timelines });
  const evaluations = new Evaluations({
    ...{ run: { runId: record.runId, term: 1 }, steps, clock },
    plan: (version) => planEvaluation(spec.data.testCount, version, spec.data.testCount),
    spec,
  });
  const queue = new MemoryQueue();
  const violations = new Violations(undefined);
  const run = observedRun({
    ...{ clock, folder, queue, replica, scaler, stopping },
    ...{ numerics, steps, workers, timelines, evaluations, emit, violations },
    model: { pinned: undefined },
    openQueueView: () => Promise.reject(new Error('no Redis here')),
    limitedCalls: () => ({}),
  });
  server.show(run);
  onTestFinished(async () => {
    await server.close();
    log.close();
    await queue.close();
    rmSync(out, { recursive: true });
  });

  const join_ = (id: string): WorkerRecord => {
    const worker = steps.join({ id, host: 'h', pid: 7, backend: 'native', local: true });
    steps.handle({ type: 'worker-heard', worker: id, ready: true });
    return worker;
  };
  const service = driveWorkers(steps, workers, emit);
  const url = server.url ?? '';
  return {
    ...{ url, view: run.view, steps, service, timelines, evaluations, stopping },
    ...{ folder, spec, numerics, workers, emit, violations },
    join: join_,
  };
}

/** What the gRPC service does to shell and registry. */
function driveWorkers(steps: StepShell, workers: WorkerRegistry, emit: (event: RunEvent) => void) {
  const recordOf = (id: string): WorkerRecord =>
    workers.byId(id) ??
    new WorkerRecord({ id, host: 'h', pid: 7, backend: 'native', local: true }, systemClock, {
      samples: 0,
    });
  return {
    refused: (worker: WorkerIdentity, reason: string): void => {
      workers.refuse(worker, reason);
      const { id, pid, host } = worker;
      emit({ event: 'worker', id, pid, host, state: 'refused', reason });
    },
    heard: (id: string, heartbeat: HeartbeatRequest): void => recordOf(id).heard(heartbeat),
    contributed: (id: string, header: ContributionHeader, verdict: Verdict): void =>
      workers.contributed(recordOf(id), header, verdict),
    gone: (worker: string, how: 'lost' | 'left', reason: string): void =>
      void steps.handle({ type: 'worker-gone', worker, how, reason }),
    follows: (worker: WorkerRecord, follower: Follower): void => {
      worker.stream = { follower, backlog: undefined };
      const closed = (): void => void steps.handle({ type: 'stream-closed', worker: worker.id });
      follower.signal.addEventListener('abort', closed, { once: true });
    },
  };
}

export type ObservedRun = Awaited<ReturnType<typeof observeRun>>;

/** One request; the body is parsed where it is JSON. */
export async function ask(
  url: string,
  path: string,
  method = 'GET',
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}${path}`, { method });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, body: json ? (JSON.parse(text) as unknown) : text };
}
