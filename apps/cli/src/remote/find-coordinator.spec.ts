import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findCoordinator } from './find-coordinator.js';

/** Answers as the coordinator of a run does, or with whatever else. */
async function serve(answer: object | string, status = 200): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where no process listens any more. */
async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

function runsFolder(): { out: string; add: (runId: string, http?: string) => void } {
  const out = mkdtempSync(join(tmpdir(), 'lockstep-runs-'));
  onTestFinished(() => rmSync(out, { recursive: true }));
  const add = (runId: string, http?: string): void => {
    mkdirSync(join(out, runId));
    writeFileSync(join(out, runId, 'spec.json'), '{}');
    if (http === undefined) return;
    const address = { runId, http, grpc: '127.0.0.1:1', host: 'h', pid: 7, term: 1 };
    writeFileSync(join(out, runId, 'address.json'), JSON.stringify(address));
  };
  return { out, add };
}

const unreachable = (message: RegExp) => ({
  code: 'coordinator-unreachable',
  exitCode: 2,
  message: expect.stringMatching(message) as string,
  remedy: expect.any(String) as string,
});

describe('findCoordinator', () => {
  it('finds the newest run that is being led, passing over dead and ended ones', async () => {
    const { out, add } = runsFolder();
    const live = await serve({ runId: '2' });
    add('1', await serve({ runId: '1' }));
    add('2', live);
    add('3', await deadUrl());
    add('4', await serve({ runId: 'another' }));
    add('5', await serve('no JSON'));
    add('6');
    expect((await findCoordinator({ out })).url).toBe(live);
  });

  it('finds the run named, by id and by folder', async () => {
    const { out, add } = runsFolder();
    const url = await serve({ runId: '1' });
    add('1', url);
    add('2', await serve({ runId: '2' }));
    expect((await findCoordinator({ out, run: '1' })).url).toBe(url);
    expect((await findCoordinator({ out: 'elsewhere', run: join(out, '1') })).url).toBe(url);
  });

  it('goes where --http says', async () => {
    const client = await findCoordinator({ out: 'x', http: '127.0.0.1:8080' });
    expect(client.url).toBe('http://127.0.0.1:8080');
  });

  it('says what is wrong and what to do', async () => {
    const { out, add } = runsFolder();
    add('ended');
    add('dead', await deadUrl());
    add('other', await serve({ runId: 'new' }));
    await expect(findCoordinator({ out: join(out, 'none') })).rejects.toMatchObject(
      unreachable(/no active run found in /),
    );
    await expect(findCoordinator({ out, run: 'ended' })).rejects.toMatchObject(
      unreachable(/run ended is not active/),
    );
    await expect(findCoordinator({ out, run: 'dead' })).rejects.toMatchObject(
      unreachable(/process 7 on h/),
    );
    await expect(findCoordinator({ out, run: 'other' })).rejects.toMatchObject(
      unreachable(/leads run new, not other/),
    );
    await expect(findCoordinator({ out, run: 'missing' })).rejects.toMatchObject({
      code: 'run-not-found',
    });
  });
});

describe('the client', () => {
  it('hands on what the coordinator refuses with', async () => {
    const error = { code: 'run-ended', message: 'it has finished', remedy: 'nothing' };
    const url = await serve({ error }, 409);
    const client = await findCoordinator({ out: 'x', http: new URL(url).host });
    await expect(client.pause()).rejects.toMatchObject(error);
  });

  it('takes what is no coordinator for none', async () => {
    for (const [answer, status] of [
      ['<html>', 200],
      [{ error: 'x' }, 500],
      [{ error: { code: 'made-up' } }, 404],
    ] as const) {
      const client = await findCoordinator({
        out: 'x',
        http: new URL(await serve(answer, status)).host,
      });
      await expect(client.run()).rejects.toMatchObject(unreachable(/is no coordinator/));
    }
  });
});
