import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LimitReached } from './call-limits.js';
import type { Gate } from './gate.js';
import { HealthService } from './generated/grpc/health/v1/health.js';
import { LockstepService, WireFormat } from './generated/lockstep/v1/lockstep.js';
import {
  contributionHeader,
  sectionsOf,
  shard,
  startProtocol,
  submitWhole,
} from './testing/start-protocol.js';

const methods = [...Object.values(LockstepService), ...Object.values(HealthService)];
const gate: Gate = {
  admit: (token) =>
    token === 'good'
      ? { kind: 'admitted', holder: 'h' }
      : { kind: 'refused', reason: 'token-unknown', message: 'unknown' },
};

const { take, submit, uploadState } = LockstepService;
const session = 's';
const takeRequest = take.requestSerialize({ session, shard });
const chunk = Buffer.alloc(1);
/** Valid messages for each method that takes a stream of them. */
const streams = {
  take: { path: take.path, first: takeRequest, next: takeRequest },
  submit: {
    path: submit.path,
    first: submit.requestSerialize({
      part: {
        $case: 'header',
        value: {
          ...{ session, runId: 'run', shard, sampleCount: 1, wire: WireFormat.WIRE_FORMAT_F32 },
          ...{ factoredBytes: 1_000, trace: undefined },
        },
      },
    }),
    next: submit.requestSerialize({ part: { $case: 'chunk', value: chunk } }),
  },
  uploadState: {
    path: uploadState.path,
    first: uploadState.requestSerialize({
      part: {
        $case: 'header',
        value: { session, version: 1, stateBytes: 1_000, sha256: 'a'.repeat(64) },
      },
    }),
    next: uploadState.requestSerialize({ part: { $case: 'chunk', value: chunk } }),
  },
};

/** One message a second, five at once. */
const one = { connection: 1, address: 1_000, credential: 1_000 };
const slow = { frequent: one, rare: one, health: one };

/** A connection of its own, over which any method is called with empty requests. */
function connectRaw(address: string, token?: string) {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  /** Sends messages within one call. @returns the call's status */
  return (path: string, messages: readonly Buffer[] = [Buffer.alloc(0)]): Promise<ServiceError> => {
    const encode = (message: Buffer): Buffer => message;
    const decode = (bytes: Buffer): Buffer => bytes;
    // Ends the calls that stay open.
    const deadline = Date.now() + 1_000;
    const call = client.makeBidiStreamRequest(path, encode, decode, metadata, { deadline });
    call.on('data', () => undefined);
    call.on('error', () => undefined);
    for (const message of messages) call.write(message);
    call.end();
    return new Promise<ServiceError>((resolve) => call.on('status', resolve));
  };
}

describe('rate limits', () => {
  it.each(methods.map(({ path }) => path))(
    '%s: a flood of calls from one connection is ended, another connection is served',
    async (path) => {
      const reached: LimitReached[] = [];
      const onLimited = (each: LimitReached): void => void reached.push(each);
      const { server, connect } = await startProtocol({}, { callRates: slow, onLimited });
      const call = connectRaw(server.address);
      const ends = await Promise.all(Array.from({ length: 20 }, () => call(path)));
      const limited = ends.filter(({ code }) => code === status.RESOURCE_EXHAUSTED);
      expect(limited.length).toBeGreaterThanOrEqual(10);
      expect(limited[0]?.metadata.get('lockstep-code')).toEqual(['too-many-requests']);
      expect(Number(limited[0]?.metadata.get('grpc-retry-pushback-ms')[0])).toBeGreaterThan(0);
      expect(reached[0]).toMatchObject({ scope: 'connection' });
      expect(await connect().describe()).toMatchObject({ runId: 'run' });
    },
  );

  it.each(Object.entries(streams))(
    '%s: a flood of messages within one call ends it',
    async (_, { path, first, next }) => {
      const { server } = await startProtocol({}, { callRates: slow });
      const messages = [first, ...Array<Buffer>(20).fill(next)];
      const { code } = await connectRaw(server.address)(path, messages);
      expect(code).toBe(status.RESOURCE_EXHAUSTED);
    },
  );

  it('are tested for every method that takes a stream of messages', () => {
    const paths = methods.filter(({ requestStream }) => requestStream).map(({ path }) => path);
    expect(Object.values(streams).map(({ path }) => path)).toEqual(paths);
  });

  it('never touch fifty workers behind one address and with one token, with shards of 20 ms', async () => {
    const reached: LimitReached[] = [];
    const { connect } = await startProtocol(
      {},
      { gate, onLimited: (each) => void reached.push(each) },
    );
    const payload = sectionsOf(64, 64);
    const workers = Array.from({ length: 50 }, async () => {
      const client = connect({ joinToken: () => 'good', sharesMemory: false });
      await client.describe();
      await client.register({
        ...{ name: 'w', host: 'h', pid: 1, backend: 'native', specSha256: 'a'.repeat(64) },
        ...{ dataSha256: '', fingerprint: 'f', fingerprintFields: {} },
        processKey: new Uint8Array(32),
      });
      // As many shards as a worker computes in a second, as fast as this machine can.
      for (let n = 0; n < 50; n++) {
        await client.take({ session: 's', shard });
        await submitWhole(client, contributionHeader, payload);
      }
      await client.leave({ session: 's', reason: '' });
    });
    await Promise.all(workers);
    expect(reached).toEqual([]);
  }, 60_000);

  it('refuse invalid tokens of one address, and admit a valid one of the same address', async () => {
    const reached: LimitReached[] = [];
    const onLimited = (each: LimitReached): void => void reached.push(each);
    const { server, connect } = await startProtocol({}, { gate, onLimited });
    const codes: number[] = [];
    for (let n = 0; n < 30; n++) {
      codes.push((await connectRaw(server.address, 'bad')(LockstepService.describe.path)).code);
    }
    expect(codes.slice(0, 20)).toEqual(Array<number>(20).fill(status.UNAUTHENTICATED));
    expect(codes.at(-1)).toBe(status.RESOURCE_EXHAUSTED);
    expect(reached[0]).toMatchObject({ kind: 'refused', scope: 'address' });
    const good = connect({ joinToken: () => 'good' });
    expect(await good.describe()).toMatchObject({ runId: 'run' });
  });

  it('are reported to a client as an error that says when to call again', async () => {
    const { connect } = await startProtocol();
    const client = connect();
    const calls = Array.from({ length: 150 }, () => client.describe());
    const failed = (await Promise.allSettled(calls)).find((each) => each.status === 'rejected');
    expect(failed?.reason).toMatchObject({
      ...{ code: 'too-many-requests', message: 'too many rare calls of one connection' },
      remedy: expect.stringMatching(/^wait \d+ ms/) as string,
    });
  });
});
