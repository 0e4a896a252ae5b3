import { canonicalJson, LockstepError } from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';
import type { Engine, EngineFacts } from '@lockstep/engine';
import {
  createProtocolClient,
  createProtocolServer,
  type ProtocolHandlers,
  type ProtocolServerOptions,
  type RegisterOutcome,
} from '@lockstep/protocol';
import { startRedis, type RunningRedis } from '@lockstep/runtime';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemPorts, type WorkerPorts } from './ports.js';
import { startWorker, type Worker } from './worker.js';
import type { WorkerEvent, WorkerOptions } from './worker-options.js';

const facts = { backend: 'native', threads: 1, device: 'cpu' } as unknown as EngineFacts;
const spec = smallSpec({});

const unreachable = (): LockstepError =>
  new LockstepError('coordinator-unreachable', 'the run cannot begin');

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
  readonly keys: readonly Uint8Array[];
  close(): Promise<void>;
}

type Register = () => RegisterOutcome | Promise<RegisterOutcome>;

const refuse: Register = () => ({
  ...{ kind: 'refused', reason: 'quarantined', message: 'registered' },
});
const neverAnswer: Register = () => new Promise(() => undefined);
const accept: Register = () => ({
  ...{ kind: 'accepted', term: 1, session: 's', workerId: 'one-2', queue: 'run-1' },
});

/** A coordinator that answers `Register` in one way, and ends every update stream. */
async function lead(
  address: string,
  register: Register = refuse,
  options: Pick<ProtocolServerOptions, 'callRates'> = {},
): Promise<Lead> {
  const registrations: string[] = [];
  const keys: Uint8Array[] = [];
  const description = {
    ...{ runId: 'run', term: 1, specJson: canonicalJson(spec), specSha256: 'a'.repeat(64) },
    ...{ heartbeatIntervalMs: 1_000, untrained: false },
  };
  const handlers: Partial<ProtocolHandlers> = {
    describe: () => description,
    register: ({ name, processKey }) => {
      registrations.push(name);
      keys.push(processKey);
      return register();
    },
    follow: (_request, follower) => follower.end(),
    heartbeat: () => ({ known: true, term: 1 }),
  };
  const server = await createProtocolServer(handlers as ProtocolHandlers, {
    ...{ address, maxPayloadBytes: 1_000_000, ...options },
  });
  const close = (): Promise<void> => server.close(100);
  onTestFinished(close);
  return { registrations, keys, close };
}

let redis: RunningRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

function start(
  address: string,
  patienceMs: number,
  onEvent: WorkerOptions['onEvent'] = () => undefined,
): Worker {
  const options: WorkerOptions = {
    addresses: { coordinator: address, redis: redis.at },
    ...{ id: 'one', patienceMs, onEvent },
  };
  const ports: WorkerPorts = {
    ...systemPorts(options),
    startEngine: () => Promise.resolve(engine),
    createClient: (coordinator) =>
      createProtocolClient({ address: coordinator, maxPayloadBytes: 1_000_000, deadlineMs: 500 }),
  };
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
    const first = await lead(address, neverAnswer);
    const worker = start(address, 600_000);
    worker.outcome.catch(() => undefined);
    await expect.poll(() => first.registrations).toEqual(['one']);
    await first.close();
    const next = await lead(address);
    await expect(worker.outcome).rejects.toThrow('quarantined: registered');
    expect(next.registrations).toEqual(['one']);
  });

  it('registers when the coordinator died in between and is back in time', async () => {
    const address = await freeAddress();
    let dead = Promise.resolve();
    const first = await lead(address, () => {
      dead = first.close();
      return neverAnswer();
    });
    const worker = start(address, 30_000);
    worker.outcome.catch(() => undefined);
    await expect.poll(() => first.registrations, { timeout: 10_000 }).toEqual(['one']);
    await dead;
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // longer than the first retries
    const next = await lead(address);
    await expect(worker.outcome).rejects.toThrow('quarantined: registered');
    expect(next.registrations).toEqual(['one']);
  });

  it.each([
    ['dies before it has answered', 'closes', neverAnswer],
    ['answers Describe, but not Register', 'stays', neverAnswer],
    ['fails every Register at once', 'stays', () => Promise.reject(unreachable())],
    ['accepts the worker, but ends its stream', 'stays', accept],
  ] as const)(
    'fails once its patience is over if the coordinator %s',
    async (_how, fate, register) => {
      const address = await freeAddress();
      const first = await lead(address, () => {
        if (fate === 'closes') void first.close();
        return register();
      });
      const began = performance.now();
      const worker = start(address, 1_500);
      await expect(worker.outcome).rejects.toMatchObject({ code: 'coordinator-unreachable' });
      expect(performance.now() - began).toBeGreaterThan(1_400);
      expect(first.registrations.length).toBeGreaterThan(0);
      expect(first.registrations.length).toBeLessThan(10); // it pauses between two attempts
    },
    20_000,
  );
});

describe('a worker whose calls reach a rate limit', () => {
  it('waits and calls again', async () => {
    const address = await freeAddress();
    // One call at once: the second is allowed two seconds later.
    const rate = { connection: 0.3, address: 100, credential: 100 };
    const callRates = { frequent: rate, rare: rate, health: rate };
    const { registrations } = await lead(address, refuse, { callRates });
    const events: WorkerEvent[] = [];
    const worker = start(address, 60_000, (event) => events.push(event));
    await expect(worker.outcome).rejects.toThrow('quarantined: registered');
    expect(registrations).toHaveLength(1);
    const reason = expect.stringContaining('too many rare calls') as string;
    expect(events).toContainEqual({ what: 'waiting', reason });
  });

  it('fails with the reason once its patience is over', async () => {
    const address = await freeAddress();
    const rate = { connection: 0.3, address: 100, credential: 100 };
    await lead(address, refuse, { callRates: { frequent: rate, rare: rate, health: rate } });
    const worker = start(address, 200);
    await expect(worker.outcome).rejects.toMatchObject({ code: 'too-many-requests' });
  });
});

describe('a worker', () => {
  it('asks for the id that it was issued when it registers again, with the key of its process', async () => {
    const address = await freeAddress();
    const replies = [accept, refuse];
    const { registrations, keys } = await lead(address, () => (replies.shift() ?? refuse)());
    const worker = start(address, 600_000);
    await expect(worker.outcome).rejects.toThrow('quarantined: registered');
    expect(registrations).toEqual(['one', 'one-2']);
    const [first, second] = keys;
    expect(first).toHaveLength(32);
    expect(second).toEqual(first);
  });
});
