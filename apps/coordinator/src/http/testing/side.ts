import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type RunEvent, type RunSpec, type Verdict } from '@lockstep/core';
import { planEvaluation } from '@lockstep/data';
import type { Engine } from '@lockstep/engine';
import { createMemoryQueue } from '@lockstep/queue';
import { expect, onTestFinished } from 'vitest';
import type { HttpAccess } from '../../access/open-access.js';
import { everybodyIsAdmin } from '../../access/roles.js';
import { makeShell } from '../../steps/testing/make-shell.js';
import { Evaluations } from '../../run/evaluations.js';
import { createRunFolder, openEventLog } from '@lockstep/store';
import { WorkerRecord, type WorkerIdentity } from '../../workers/worker-record.js';
import type { WorkerRegistry } from '../../workers/worker-registry.js';
import type { StepShell } from '../../steps/step-shell.js';
import type { ContributionHeader, Follower, HeartbeatRequest } from '@lockstep/protocol';
import { createNetworkLook } from '../network/network-look.js';
import type { WorkerScaler } from '../../scaling/worker-scaler.js';
import { smallSpec } from '@lockstep/core/testing';
import { createTimelines } from '../../timeline/timelines.js';
import { startHttpSide } from '../http-side.js';
import type { LedRun } from '../led-run.js';

const RUN_ID = 'run-1';
const description = {
  ...{ runId: RUN_ID, term: 1, specJson: '{}', specSha256: 'aa', heartbeatIntervalMs: 250 },
  untrained: true,
};
const numerics = { fingerprint: 'bb', fields: {} };
const noEngine = { run: () => Promise.reject(new Error('this side has no engine')) };

/** An HTTP side on a real socket, over a real step shell, worker registry and run folder; only training is missing. */
export async function startSide(
  options: {
    spec?: Partial<RunSpec>;
    /** A data set's name, where test images are asked for. */
    data?: string;
    scaler?: WorkerScaler;
    stays?: boolean;
    engine?: Pick<Engine, 'run'>;
    led?: boolean;
    dashboard?: string;
    viewQueue?: LedRun['viewQueue'];
    access?: HttpAccess;
  } = {},
) {
  const out = mkdtempSync(join(tmpdir(), 'lockstep-http-'));
  const spec = smallSpec(options.spec ?? {});
  const record = {
    ...{ runId: RUN_ID, spec, model: 'small', data: options.data ?? 'small' },
    createdAt: 'now',
  };
  const folder = await createRunFolder(out, record);
  const log = openEventLog(folder.disk, Date.now);
  const stopping = new AbortController();
  const side = await startHttpSide(
    {
      ...{ http: '127.0.0.1:0', stays: options.stays ?? false },
      ...(options.scaler ? { scaler: options.scaler } : {}),
      ...(options.dashboard === undefined ? {} : { dashboard: options.dashboard }),
    },
    stopping,
    options.access ?? { roles: everybodyIsAdmin },
  );
  const emit = (event: RunEvent): void => {
    log.write(event);
    side.push(event);
  };
  const queue = createMemoryQueue();
  const timelines = createTimelines();
  const { steps: collector, workers } = makeShell({ runId: RUN_ID, spec, emit, timelines });
  const evaluations = new Evaluations({
    ...{ run: { runId: RUN_ID, term: 1 }, steps: collector, clock: systemClock },
    plan: (version) => planEvaluation(spec.data.testCount, version, spec.data.testCount),
  });
  const lead = (): void =>
    side.show({
      folder,
      queue,
      service: {
        ...{ spec, description, numerics, collector, roster: workers },
        ...{ timelines, evaluations, emit },
      },
      network: createNetworkLook(options.engine ?? noEngine, record),
      viewQueue: options.viewQueue ?? (() => Promise.reject(new Error('no Redis here'))),
    });
  if (options.led !== false) lead();
  onTestFinished(async () => {
    await side.close();
    log.close();
    await queue.close();
    rmSync(out, { recursive: true });
  });

  const roster = driveWorkers(collector, workers, emit);
  const join_ = (id: string): WorkerRecord => {
    const worker = collector.join({ id, host: 'h', pid: 7, backend: 'native', local: true });
    collector.handle({ type: 'worker-heard', worker: id, ready: true });
    return worker;
  };
  const url = side.url ?? '';
  return {
    ...{ url, side, folder, spec, emit, collector, roster, timelines, evaluations, stopping },
    ...{ lead, join: join_ },
  };
}

/** What workers and the gRPC service do to the registry. */
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

export type Side = Awaited<ReturnType<typeof startSide>>;

/** What the body of a refusal looks like. */
export const problem = (code: string): object => ({
  error: { code, message: expect.any(String) as string, remedy: expect.any(String) as string },
});

/** One request; the body is parsed where it is JSON. */
export async function ask(
  url: string,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  const body: unknown = json ? JSON.parse(text) : text;
  return { status: response.status, body, headers: response.headers };
}

export function post(url: string, path: string, body?: unknown): ReturnType<typeof ask> {
  if (body === undefined) return ask(url, path, { method: 'POST' });
  const headers = { 'content-type': 'application/json' };
  return ask(url, path, { method: 'POST', headers, body: JSON.stringify(body) });
}
