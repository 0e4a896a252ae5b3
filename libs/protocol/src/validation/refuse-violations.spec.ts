import { expect, it, onTestFinished, vi } from 'vitest';
import { HeartbeatRequest, SubmitPart, TakeRequest } from '../generated/lockstep/v1/lockstep.js';
import { RawClient } from '../testing/raw-client.js';
import { shard, startProtocol } from '../testing/start-protocol.js';

const beat = { ...{ session: 's', version: 1, shard, rssBytes: 1, tensorCount: 1 }, log: [] };

function rawClient(address: string): RawClient {
  const client = new RawClient(address);
  onTestFinished(() => client.close());
  return client;
}

it('ends a call with the named error before a handler sees the message, and counts it', async () => {
  const heartbeat = vi.fn(() => ({ known: true, term: 3 }));
  const onViolation = vi.fn();
  const { client } = await startProtocol({ heartbeat }, { onViolation });
  const refused = client.heartbeat({ ...beat, cpuSeconds: NaN });
  await expect(refused).rejects.toMatchObject({
    code: 'protocol-violation',
    message: expect.stringContaining('HeartbeatRequest.cpu_seconds') as string,
  });
  expect(heartbeat).not.toHaveBeenCalled();
  expect(onViolation.mock.calls).toEqual([
    ['HeartbeatRequest', expect.stringContaining('cpu_seconds')],
  ]);
  expect(await client.heartbeat({ ...beat, cpuSeconds: 1 })).toEqual({ known: true, term: 3 });
});

it('ends only the stream that the message came on', async () => {
  const take = vi.fn(() => ({ kind: 'granted' as const }));
  const { server, client } = await startProtocol({ take });
  expect(await client.take({ session: 's', shard })).toEqual({ kind: 'granted' });
  const raw = rawClient(server.address);
  const wrong = TakeRequest.encode({ session: 'a\nb', shard }).finish();
  const good = TakeRequest.encode({ session: 's', shard }).finish();
  expect(await raw.send({ rpc: 'Take', messages: [wrong, good] })).toMatchObject({
    ...{ status: 'INVALID_ARGUMENT', errorCode: 'protocol-violation' },
  });
  expect(take.mock.calls).toHaveLength(1);
  expect(await client.take({ session: 's', shard })).toEqual({ kind: 'granted' });
});

it('refuses bytes that are no message, and numbers that JavaScript cannot hold', async () => {
  const { server } = await startProtocol();
  const raw = rawClient(server.address);
  const noMessage = Buffer.from([0x0a, 0xff, 0xff, 0x01]);
  // rss_bytes = 2 ** 64 - 1
  const tooLarge = Buffer.from([0x20, ...Array<number>(9).fill(0xff), 0x01]);
  for (const message of [noMessage, tooLarge]) {
    expect(await raw.send({ rpc: 'Heartbeat', messages: [message] })).toMatchObject({
      ...{ status: 'INVALID_ARGUMENT', errorCode: 'protocol-violation' },
      details: expect.stringContaining('HeartbeatRequest cannot be decoded') as string,
    });
  }
});

it('looks at no message of a call without a valid token', async () => {
  const onViolation = vi.fn();
  const gate = {
    admit: () => ({ kind: 'refused', reason: 'token-missing', message: 'no token' }) as const,
  };
  const { server } = await startProtocol({}, { onViolation, gate });
  const message = HeartbeatRequest.encode({ ...beat, session: '', cpuSeconds: NaN }).finish();
  const reply = await rawClient(server.address).send({ rpc: 'Heartbeat', messages: [message] });
  expect(reply.status).toBe('UNAUTHENTICATED');
  expect(onViolation).not.toHaveBeenCalled();
});

it('allows a chunk of the largest size', async () => {
  const { server } = await startProtocol();
  const part = SubmitPart.encode({ part: { $case: 'chunk', value: new Uint8Array(2 ** 20) } });
  const whole = await rawClient(server.address).send({ rpc: 'Submit', messages: [part.finish()] });
  // The reply is that a header is missing.
  expect(whole).toMatchObject({ status: 'OK', details: 'a reply' });
});

it('holds for replies too: a worker does not trust its coordinator', async () => {
  const { client } = await startProtocol({
    describe: () => ({
      ...{ runId: 'a run\n', term: 1, specJson: '{}', specSha256: 'a'.repeat(64) },
      ...{ heartbeatIntervalMs: 1_000, untrained: true },
    }),
  });
  await expect(client.describe()).rejects.toMatchObject({
    code: 'protocol-violation',
    message: expect.stringContaining('RunDescription.run_id') as string,
  });
});
