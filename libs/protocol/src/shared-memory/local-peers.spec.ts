import { Client, credentials } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { encodeFactors, encodeUpdate, sha256Of } from '../encoded-message.js';
import type { Follower } from '../follower.js';
import { LockstepService, SharedSpan, type FollowPart } from '../generated/lockstep/v1/lockstep.js';
import type { FollowEvent } from '../messages.js';
import type { ProtocolHandlers } from '../protocol-handlers.js';
import type { ProtocolClient } from '../protocol-client.js';
import {
  contributionHeader,
  patternBytes,
  sectionsOf,
  startProtocol,
  submitWhole,
  until,
} from '../testing/start-protocol.js';
import { LocalPeers } from './local-peers.js';
import { SharedMemory } from './shared-memory.js';
import { SharedWithCoordinator } from './shared-with-coordinator.js';

const KB = 1024;
const MB = KB * KB;
const session = 'session';
const request = { session, version: 0, stateSha256: '' };

const update = (version: number, bytes: number): ReturnType<typeof encodeUpdate> =>
  encodeUpdate({ version, shards: [], dense: patternBytes(bytes) });

/** A worker that follows, its coordinator's end of the stream, and the events. */
async function following(
  { client }: { client: ProtocolClient },
  followers: readonly Follower[],
): Promise<FollowEvent[]> {
  const events: FollowEvent[] = [];
  const stop = new AbortController();
  const reading = (async () => {
    for await (const event of client.follow(request, stop.signal)) events.push(event);
  })();
  reading.catch(() => undefined);
  onTestFinished(() => stop.abort());
  await until(() => followers.length === 1);
  return events;
}

function keeping(): { followers: Follower[]; follow: ProtocolHandlers['follow'] } {
  const followers: Follower[] = [];
  return { followers, follow: (_request, follower) => void followers.push(follower) };
}

/** The messages sent to a worker that offers its memory, or none. */
function rawFollow(address: string, offers: boolean): FollowPart[] {
  const client = new Client(address, credentials.createInsecure());
  const memory = SharedMemory.create();
  const { path, requestSerialize, responseDeserialize } = LockstepService.follow;
  const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {
    ...request,
    memory: offers ? memory?.offer : undefined,
  });
  const parts: FollowPart[] = [];
  call.on('data', (part: FollowPart) => parts.push(part));
  call.on('error', () => undefined);
  onTestFinished(() => {
    call.cancel();
    client.close();
    memory?.close();
  });
  return parts;
}

describe.runIf(process.platform === 'linux')('a worker on the same machine', () => {
  it('is sent the location of a payload instead of its bytes', async () => {
    const { followers, follow } = keeping();
    const { server } = await startProtocol({ follow });
    const shared = rawFollow(server.address, true);
    await until(() => followers.length === 1);
    const sent = rawFollow(server.address, false);
    await until(() => followers.length === 2);
    const message = update(1, 300 * KB);
    for (const follower of followers) follower.send(message);
    await until(() => shared.length === 3 && sent.length === 3);
    const cases = (parts: FollowPart[]): unknown[] => parts.map(({ part }) => part?.$case);
    expect(cases(shared)).toEqual(['memory', 'updateBegin', 'shared']);
    expect(cases(sent)).toEqual(['updateBegin', 'chunk', 'chunk']);
  });

  it('gets the same bytes as a worker that uses the socket', async () => {
    const { followers, follow } = keeping();
    const started = await startProtocol({ follow });
    const near = await following(started, followers);
    const far = started.connect({ sharesMemory: false });
    const events: FollowEvent[] = [];
    void (async () => {
      for await (const event of far.follow(request)) events.push(event);
    })().catch(() => undefined);
    await until(() => followers.length === 2);
    const factored = patternBytes(640 * KB);
    const sha256 = sha256Of(factored);
    for (const [i, bytes] of [0, 100, 16 * KB, 205 * KB, 8 * MB, 9 * MB].entries()) {
      const messages = [
        encodeFactors({ step: i + 1, index: 0, factored, sha256 }),
        update(i + 1, bytes),
      ];
      for (const message of messages) for (const follower of followers) follower.send(message);
    }
    await until(() => near.length === 12 && events.length === 12);
    const bytesOf = (event: FollowEvent): unknown =>
      event.kind === 'update' ? sha256Of(event.dense) : event.kind === 'factors' && event.sha256;
    expect(near.map(bytesOf)).toEqual(events.map(bytesOf));
  });

  it('gets a message whose payload is transferred after it was sent or kept', async () => {
    const { followers, follow } = keeping();
    const events = await following(await startProtocol({ follow }), followers);
    const dense = patternBytes(300 * KB);
    const expected = sha256Of(dense);
    const message = encodeUpdate({ version: 1, shards: [], dense });
    followers[0]?.send(message);
    const kept = message.kept();
    structuredClone(dense, { transfer: [dense.buffer] }); // as a replica takes it
    expect(dense.length).toBe(0);
    followers[0]?.send(kept);
    await until(() => events.length === 2);
    expect(events.map((event) => event.kind === 'update' && sha256Of(event.dense))).toEqual([
      ...[expected, expected],
    ]);
  });

  it('detects that its payloads were overwritten because it is too far behind', async () => {
    const { followers, follow } = keeping();
    const { client } = await startProtocol({ follow });
    const reading = client.follow(request);
    const first = reading.next();
    await until(() => followers.length === 1);
    for (let version = 1; version <= 300; version++) {
      const dense = patternBytes(256 * KB);
      dense[0] = version % 251; // unlike the one that will have its place
      followers[0]?.send(encodeUpdate({ version, shards: [], dense }));
    }
    const rest = async (): Promise<void> => {
      await first;
      while (!(await reading.next()).done);
    };
    await expect(rest()).rejects.toThrow(/was overwritten before it was read/);
    // It uses the socket from then on.
    const again = client.follow(request);
    const next = again.next();
    await until(() => followers.length === 2);
    const encode = vi.spyOn(SharedSpan, 'encode');
    followers[1]?.send(update(1, 256 * KB));
    expect((await next).value).toMatchObject({ kind: 'update', version: 1 });
    expect(encode).not.toHaveBeenCalled();
    encode.mockRestore();
    await again.return();
  });

  it('uploads complete contributions and states through its memory', async () => {
    const { followers, follow } = keeping();
    const states: string[] = [];
    const submitted: string[] = [];
    const submit: ProtocolHandlers['submit'] = (_header, { factored, dense }) => {
      submitted.push(`${sha256Of(factored)} ${sha256Of(dense)}`);
      return { verdict: 'counted', message: '' };
    };
    const uploadState: ProtocolHandlers['uploadState'] = (_header, state) => {
      states.push(sha256Of(state));
      return true;
    };
    const started = await startProtocol({ follow, submit, uploadState });
    const events = await following(started, followers);
    followers[0]?.send(update(1, 4)); // comes behind the coordinator's memory
    await until(() => events.length === 1);
    const encode = vi.spyOn(SharedSpan, 'encode');
    const { client } = started;
    const payloads = [1, 2, 3].map((times) => sectionsOf(times * 200 * KB, times * 70 * KB));
    const state = patternBytes(13 * MB);
    const handed = client.uploadState({ session, version: 3, sha256: sha256Of(state) }, state);
    const outcomes = await Promise.all(
      payloads.map((payload) => submitWhole(client, contributionHeader, payload)),
    );
    const spans = encode.mock.calls.length;
    encode.mockRestore();
    expect(spans).toBe(6 + 13); // of two sections each, and one in a MB of the state
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['counted', 'counted', 'counted']);
    expect(await handed).toBe(true);
    expect(states).toEqual([sha256Of(state)]);
    expect(submitted).toEqual(
      payloads.map(({ factored, dense }) => `${sha256Of(factored)} ${sha256Of(dense)}`),
    );
  });
});

describe.runIf(process.platform === 'linux')('the coordinator’s end of shared memory', () => {
  const meet = (peer: string, holder?: string): LocalPeers => {
    const localPeers = new LocalPeers();
    const memory = SharedMemory.create();
    const caller = { peer, ...(holder === undefined ? {} : { holder }) };
    localPeers.meet({ ...request, memory: memory?.offer }, caller);
    onTestFinished(() => {
      memory?.close();
      localPeers.close();
    });
    return localPeers;
  };

  it('is only for callers of this machine, and reads a worker’s memory for no other caller', () => {
    expect(meet('127.0.0.1:4000').memoryOf(session, undefined)).toBeDefined();
    expect(meet('10.0.0.1:4000').memoryOf(session, undefined)).toBeUndefined();
    const localPeers = meet('127.0.0.1:4000', 'rack-4');
    expect(localPeers.memoryOf(session, { peer: '', holder: 'rack-4' })).toBeDefined();
    expect(localPeers.memoryOf(session, { peer: '', holder: 'rack-5' })).toBeUndefined();
  });

  it('keeps a worker’s memory when the holder of another token offers one for its session', () => {
    const localPeers = meet('127.0.0.1:4000', 'rack-4');
    const theirs = SharedMemory.create();
    onTestFinished(() => theirs?.close());
    const intruder = { peer: '127.0.0.1:4001', holder: 'rack-5' };
    expect(localPeers.meet({ ...request, memory: theirs?.offer }, intruder)).toBeUndefined();
    expect(localPeers.memoryOf(session, { peer: '', holder: 'rack-4' })).toBeDefined();
  });

  it('has no memory of a worker that has left, and the newer one of a worker that rejoined', () => {
    const localPeers = new LocalPeers();
    onTestFinished(() => localPeers.close());
    const memories = [SharedMemory.create(), SharedMemory.create()];
    const [first, second] = memories.map((memory) =>
      localPeers.meet({ ...request, memory: memory?.offer }, { peer: '127.0.0.1:4000' }),
    );
    first?.leave();
    expect(localPeers.memoryOf(session, undefined)).toBeDefined();
    second?.leave();
    expect(localPeers.memoryOf(session, undefined)).toBeUndefined();
    for (const memory of memories) memory?.close();
  });
});

describe('a worker’s end of shared memory', () => {
  it('offers none if disabled, and none after the coordinator’s could not be read', () => {
    expect(new SharedWithCoordinator(false).offer()).toBeUndefined();
    const memory = new SharedWithCoordinator(true);
    onTestFinished(() => memory.close());
    const own = memory.offer();
    const elsewhere = { pid: 2 ** 31, descriptor: 3, key: Buffer.alloc(16) };
    expect(() => memory.accept(elsewhere)).toThrow(/cannot be read/);
    expect(memory.offer()).toBeUndefined();
    expect(own === undefined).toBe(process.platform !== 'linux');
  });
});
