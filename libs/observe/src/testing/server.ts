import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent, RunSpec } from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';
import type { Engine } from '@lockstep/engine';
import { MemoryQueue } from '@lockstep/queue';
import { createRunFolder, EventLog } from '@lockstep/store';
import { expect, onTestFinished } from 'vitest';
import { noLogin, type HttpAccess } from '../auth/roles.js';
import { NetworkInspector } from '../network/network-inspector.js';
import type { LedRun } from '../run-view.js';
import { ObserveServer } from '../server/observe-server.js';
import { TestRun } from './test-run.js';

const noEngine = { run: () => Promise.reject(new Error('this run has no engine')) };

/** A server on a real socket, over a run folder and a `TestRun`. */
export async function startServer(
  options: {
    spec?: Partial<RunSpec>;
    /** A data set's name, where test images are requested. */
    data?: string;
    scaleTo?: (count: number) => Promise<void>;
    stays?: boolean;
    engine?: Pick<Engine, 'run'>;
    led?: boolean;
    dashboard?: string;
    openQueueView?: LedRun['openQueueView'];
    access?: HttpAccess;
  } = {},
) {
  const out = mkdtempSync(join(tmpdir(), 'lockstep-http-'));
  const record = {
    ...{ runId: 'run-1', spec: smallSpec(options.spec ?? {}), model: 'small' },
    ...{ data: options.data ?? 'small', createdAt: 'now' },
  };
  const folder = await createRunFolder(out, record);
  const log = new EventLog(folder.disk, Date.now, 1);
  const server = await ObserveServer.start({
    ...{ http: '127.0.0.1:0', dashboard: options.dashboard, stays: options.stays },
    access: options.access ?? { roles: noLogin },
  });
  const emit = (event: RunEvent): void => {
    log.write(event);
    server.push(event);
  };
  const run = new TestRun(folder, emit, options.scaleTo);
  const queue = new MemoryQueue();
  const lead = (): void =>
    server.show({
      ...{ view: run, commands: run, queue },
      network: new NetworkInspector(options.engine ?? noEngine, record),
      limitedCalls: () => ({ 'rare-address': 3 }),
      openQueueView: options.openQueueView ?? (() => Promise.reject(new Error('no Redis here'))),
    });
  if (options.led !== false) lead();
  onTestFinished(async () => {
    await server.close();
    log.close();
    await queue.close();
    rmSync(out, { recursive: true });
  });
  return { url: server.url ?? '', server, folder, run, emit, lead };
}

export type Started = Awaited<ReturnType<typeof startServer>>;

/** The body of an error response. */
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
