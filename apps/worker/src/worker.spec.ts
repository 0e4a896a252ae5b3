import { canonicalJson } from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';
import type { Engine, EngineFacts } from '@lockstep/engine';
import { createProtocolServer, type ProtocolHandlers } from '@lockstep/protocol';
import { startRedis, type RunningRedis } from '@lockstep/runtime';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemPorts } from './ports.js';
import { startWorker, type Worker } from './worker.js';
import type { WorkerOptions } from './worker-options.js';

const facts = { backend: 'native', threads: 1, device: 'cpu' } as unknown as EngineFacts;
const spec = smallSpec({});

/** Computes nothing. */
const engine: Engine = {
  facts,
  run: (command: string) => Promise.resolve(command === 'probe' ? { fingerprint: 'f' } : undefined),
  close: () => Promise.resolve(),
};

/** An address on which nothing listens, for now. */
async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}

interface Lead {
  readonly registrations: string[];
  close(): Promise<void>;
}

/** A coordinator that refuses every worker, or does not answer it. */
async function lead(address: string, answers = true): Promise<Lead> {
  const registrations: string[] = [];
  const description = {
    ...{ runId: 'run', term: 1, specJson: canonicalJson(spec), specSha256: 's' },
    ...{ heartbeatIntervalMs: 1_000, untrained: false },
  };
  const handlers: Partial<ProtocolHandlers> = {
    describe: () => description,
    register: ({ workerId }) => {
      registrations.push(workerId);
      if (!answers) return new Promise(() => undefined);
      return { kind: 'refused', reason: 'quarantined', message: 'registered' };
    },
  };
  const server = await createProtocolServer(handlers as ProtocolHandlers, {
    ...{ address, maxPayloadBytes: 1_000_000 },
  });
  const close = (): Promise<void> => server.close(100);
  onTestFinished(close);
  return { registrations, close };
}

let redis: RunningRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

function start(address: string, patienceMs: number): Worker {
  const options: WorkerOptions = {
    addresses: { coordinator: address, redis: redis.at },
    ...{ id: 'one', patienceMs, onEvent: () => undefined },
  };
  const ports = { ...systemPorts(options), startEngine: () => Promise.resolve(engine) };
  return startWorker(options, ports);
}

describe('a worker whose coordinator cannot be reached', () => {
  it('fails with the reason once its patience is over', async () => {
    const worker = start(await freeAddress(), 300);
    await expect(worker.outcome).rejects.toMatchObject({ code: 'coordinator-unreachable' });
  });

  it('ends without an error when it is asked to leave', async () => {
    const worker = start(await freeAddress(), 600_000);
    worker.drain('the run is over');
    expect(await worker.outcome).toEqual({ interrupted: true, reason: 'the run is over' });
  });

  it('registers with the next one if the coordinator ends before it has registered', async () => {
    const address = await freeAddress();
    const first = await lead(address, false);
    const worker = start(address, 600_000);
    worker.outcome.catch(() => undefined);
    await expect.poll(() => first.registrations).toEqual(['one']);
    await first.close();
    const next = await lead(address);
    await expect(worker.outcome).rejects.toThrow('quarantined: registered');
    expect(next.registrations).toEqual(['one']);
  });
});
