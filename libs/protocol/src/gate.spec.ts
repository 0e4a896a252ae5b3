import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sha256Of } from './encoded-message.js';
import type { Gate } from './gate.js';
import type { Caller } from './protocol-handlers.js';
import { HealthService } from './generated/grpc/health/v1/health.js';
import { LockstepService } from './generated/lockstep/v1/lockstep.js';
import type { ProtocolHandlers } from './protocol-handlers.js';
import {
  agreeableHandlers,
  contributionHeader,
  sectionsOf,
  shard,
  startProtocol,
  submitWhole,
} from './testing/start-protocol.js';

const gate: Gate = {
  admit: (token) => {
    if (token === 'good') return { kind: 'admitted', holder: 'w1' };
    if (token === undefined) return { kind: 'refused', reason: 'token-missing', message: 'none' };
    const reason = token === 'old' ? 'token-expired' : 'token-unknown';
    return { kind: 'refused', reason, message: `it is ${token}` };
  },
};

/** Every method that the service has, as the definition lists them. */
const methods = Object.entries(LockstepService);

/** Calls any method with an empty request. @returns the status of the call */
function call(address: string, path: string, metadata: Metadata): Promise<Partial<ServiceError>> {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  return new Promise((resolve) => {
    const stream = client.makeBidiStreamRequest(
      path,
      () => Buffer.alloc(0),
      (bytes: Buffer) => bytes,
      metadata,
      { deadline: Date.now() + 10_000 },
    );
    stream.on('data', () => undefined);
    stream.on('error', () => undefined);
    stream.on('status', (ended: ServiceError) => resolve(ended));
    stream.write({});
    stream.end();
  });
}

function metadataOf(values: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(values)) metadata.set(name, value);
  return metadata;
}

describe('with a gate', () => {
  it.each([
    ['without a token', {}, 'token-missing'],
    ['with a wrong one', { authorization: 'Bearer bad' }, 'token-unknown'],
    ['with an expired one', { authorization: 'Bearer old' }, 'token-expired'],
    ['with another scheme', { authorization: 'Basic good' }, 'token-missing'],
    ['with a holder of its own making', { 'lockstep-holder': 'w1' }, 'token-missing'],
  ])('every method of the service refuses a call %s', async (_, values, reason) => {
    const reached = vi.fn();
    const handlers = Object.fromEntries(
      Object.keys(agreeableHandlers).map((name) => [name, reached]),
    ) as unknown as ProtocolHandlers;
    const { server } = await startProtocol(handlers, { gate });
    expect(methods.length).toBeGreaterThanOrEqual(10);
    for (const [name, { path }] of methods) {
      const ended = await call(server.address, path, metadataOf(values));
      expect(ended, name).toMatchObject({ code: status.UNAUTHENTICATED });
      expect(ended.metadata?.get('lockstep-refusal'), name).toEqual([reason]);
    }
    expect(reached).not.toHaveBeenCalled();
  });

  it('health checks need no token', async () => {
    const { server } = await startProtocol({}, { gate });
    const { code } = await call(server.address, HealthService.check.path, new Metadata());
    expect(code).toBe(status.OK);
  });

  it('passes the holder of the token to every handler, but not the token', async () => {
    const callers = new Map<string, Caller | undefined>();
    const handlers = Object.fromEntries(
      Object.entries(agreeableHandlers).map(([name, handle]) => [
        name,
        (...given: unknown[]) => {
          callers.set(name, given.at(-1) as Caller | undefined);
          if (name === 'follow') (given[1] as { end(): void }).end();
          return (handle as (...all: unknown[]) => unknown)(...given);
        },
      ]),
    ) as unknown as ProtocolHandlers;
    const { connect } = await startProtocol(handlers, { gate });
    const client = connect({ joinToken: () => 'good' });
    const session = 's';
    await client.describe();
    await client.register({
      ...{ name: 'w', host: 'h', pid: 1, backend: 'native', specSha256: 'a'.repeat(64) },
      ...{ dataSha256: '', fingerprint: 'b', fingerprintFields: {} },
      processKey: new Uint8Array(32),
    });
    for await (const _ of client.follow({ session, version: undefined, stateSha256: '' }));
    await client.fetch({ session, version: 1 });
    await client.take({ session, shard });
    const payload = sectionsOf(8, 8);
    await submitWhole(client, contributionHeader, payload);
    const state = new Uint8Array(8);
    await client.uploadState({ session, version: 1, sha256: sha256Of(state) }, state);
    await client.submitEvaluation({
      ...{ session, runId: 'run', shard, sampleCount: 1, metricSums: [1], lossSum: 1 },
      predictions: new Uint8Array(1),
      confidences: new Uint8Array(4),
    });
    await client.heartbeat({
      ...{ session, version: 1, shard, rssBytes: 0, tensorCount: 0, cpuSeconds: 0, log: [] },
    });
    await client.leave({ session, reason: '' });
    callers.delete('describe'); // it is the same for all
    expect([...callers.keys()].sort()).toEqual(
      Object.keys(agreeableHandlers)
        .filter((name) => name !== 'describe')
        .sort(),
    );
    for (const [name, caller] of callers) {
      expect(caller, name).toEqual({
        peer: expect.stringContaining('127.0.0.1:') as string,
        holder: 'w1',
      });
    }
  });

  it('reports the reason to a client as an error, for every kind of call', async () => {
    const { connect } = await startProtocol({}, { gate });
    const client = connect({ joinToken: () => 'old' });
    const refused = { code: 'worker-refused', message: 'token-expired: it is old' };
    await expect(client.describe()).rejects.toMatchObject(refused);
    const payload = sectionsOf(3_000_000, 8);
    await expect(submitWhole(client, contributionHeader, payload)).rejects.toMatchObject(refused);
    const following = client.follow({ session: 's', version: undefined, stateSha256: '' });
    await expect(following.next()).rejects.toMatchObject(refused);
  });
});

describe('without a gate', () => {
  it('does not trust a holder that a client claims', async () => {
    const take = vi.fn(agreeableHandlers.take);
    const { server } = await startProtocol({ take });
    const client = new Client(server.address, credentials.createInsecure());
    onTestFinished(() => client.close());
    await new Promise((resolve) => {
      const { path, requestSerialize, responseDeserialize } = LockstepService.take;
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { session: 's', shard },
        metadataOf({ 'lockstep-holder': 'w1' }),
        resolve,
      );
    });
    expect(take).toHaveBeenCalledWith(expect.anything(), {
      peer: expect.stringContaining('127.0.0.1:') as string,
    });
  });
});
