import { LockstepError } from '@lockstep/core';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createProtocolClient } from './protocol-client.js';
import {
  agreeableHandlers,
  description,
  contributionHeader,
  sectionsOf,
  shard,
  startProtocol,
  submitWhole,
} from './testing/start-protocol.js';

const registration = {
  name: 'w1',
  host: 'here',
  pid: 12,
  backend: 'tensorflow 2.21',
  specSha256: 'a'.repeat(64),
  dataSha256: 'd'.repeat(64),
  fingerprint: 'b'.repeat(64),
  fingerprintFields: { threads: '1' },
  processKey: Buffer.from('k'.repeat(32)),
};

describe('a call', () => {
  it('transmits every field of request and reply', async () => {
    const handlers = {
      ...agreeableHandlers,
      register: vi.fn(agreeableHandlers.register),
      take: vi.fn(agreeableHandlers.take),
      submitEvaluation: vi.fn(agreeableHandlers.submitEvaluation),
      heartbeat: vi.fn(agreeableHandlers.heartbeat),
      leave: vi.fn(agreeableHandlers.leave),
    };
    const { client } = await startProtocol(handlers);
    const evaluation = {
      session: 'session',
      runId: 'run',
      shard: { ...shard, evaluation: true },
      sampleCount: 3,
      metricSums: [2],
      lossSum: 0.125,
      predictions: Buffer.from([7, 2, 1]),
      confidences: Buffer.from(Float32Array.of(0.5, 1, 0.25).buffer),
    };
    const heartbeat = {
      session: 'session',
      version: 0,
      shard,
      rssBytes: 5_000_000_000,
      tensorCount: 12,
      cpuSeconds: 1.5,
      log: [{ number: 4, at: 1_700_000_000_000, warning: true, text: 'warning' }],
    };
    const leave = { session: 'session', reason: 'asked to' };

    expect(await client.describe()).toEqual(description);
    expect(await client.register(registration)).toEqual({
      kind: 'accepted',
      session: 'session',
      term: 3,
      queue: 'run-3',
      workerId: 'w1-2',
    });
    expect(await client.take({ session: 'session', shard })).toEqual({ kind: 'granted' });
    expect(await client.submitEvaluation(evaluation)).toMatchObject({ verdict: 'counted' });
    expect(await client.heartbeat(heartbeat)).toEqual({ known: true, term: 3 });
    await client.leave(leave);

    const caller = { peer: expect.stringMatching(/^127\.0\.0\.1:/) as string };
    expect(handlers.register.mock.lastCall).toEqual([registration, caller]);
    expect(handlers.take.mock.lastCall).toEqual([{ session: 'session', shard }, caller]);
    expect(handlers.submitEvaluation.mock.lastCall).toEqual([evaluation, caller]);
    expect(handlers.heartbeat.mock.lastCall).toEqual([heartbeat, caller]);
    expect(handlers.leave.mock.lastCall).toEqual([leave, caller]);
  });

  it('transmits a refusal with reason and message', async () => {
    const refusal = { kind: 'refused', reason: 'wrong-data', message: 'other images' } as const;
    const { client } = await startProtocol({ register: () => refusal, take: () => refusal });
    expect(await client.register(registration)).toEqual(refusal);
    expect(await client.take({ session: 's', shard })).toEqual(refusal);
    expect(await client.fetch({ session: 's', version: 1 })).toMatchObject({
      reason: 'version-not-kept',
    });
  });

  it("transmits a handler's error with its code and remedy", async () => {
    const { client } = await startProtocol({
      take: () => {
        throw new LockstepError('run-failed', 'step 3 — two answers', { remedy: 'über → resume' });
      },
    });
    await expect(client.take({ session: 's', shard })).rejects.toMatchObject({
      code: 'run-failed',
      message: 'step 3 — two answers',
      remedy: 'über → resume',
    });
  });

  it('hides a defect from the caller and reports it at the coordinator', async () => {
    const onDefect = vi.fn();
    const defect = new Error('secret detail');
    const { client } = await startProtocol(
      { heartbeat: () => Promise.reject(defect), submit: () => Promise.reject(defect) },
      { onDefect },
    );
    const payload = sectionsOf(4, 8);
    const failures = await Promise.allSettled([
      client.heartbeat({
        session: 's',
        shard: undefined,
        rssBytes: 0,
        tensorCount: 0,
        cpuSeconds: 0,
        log: [],
      }),
      submitWhole(client, contributionHeader, payload),
    ]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ reason: { code: 'internal' } });
      expect(JSON.stringify(failure)).not.toContain('secret');
    }
    expect(onDefect).toHaveBeenCalledTimes(2);
  });
});

describe('a coordinator that does not respond', () => {
  it('is unreachable when nothing listens', async () => {
    const { server, client } = await startProtocol();
    await server.close(1_000);
    const failure = await client.describe().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'coordinator-unreachable' });
    expect(String(failure)).toContain(server.address);
  });

  it('is unreachable when another program listens', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const client = createProtocolClient({
      address: `127.0.0.1:${port}`,
      maxPayloadBytes: 1,
      deadlineMs: 300,
      submitDeadlineMs: 300,
    });
    onTestFinished(() => client.close());
    const unreachable = { code: 'coordinator-unreachable' };
    await expect(client.describe()).rejects.toMatchObject(unreachable);
    const payload = sectionsOf(4, 4);
    await expect(submitWhole(client, contributionHeader, payload)).rejects.toMatchObject(
      unreachable,
    );
  });

  it('makes a unary call fail at its deadline', async () => {
    const { connect } = await startProtocol({ describe: () => new Promise(() => undefined) });
    const client = connect({ deadlineMs: 100 });
    await expect(client.describe()).rejects.toMatchObject({ code: 'coordinator-unreachable' });
  });

  it('ends a submit that the caller cancels', async () => {
    const { client } = await startProtocol({ submit: () => new Promise(() => undefined) });
    const payload = sectionsOf(4, 4);
    const giveUp = new AbortController();
    const submit = submitWhole(client, contributionHeader, payload, { signal: giveUp.signal });
    giveUp.abort();
    await expect(submit).rejects.toMatchObject({ code: 'coordinator-unreachable' });
  });
});
