import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { encodeSnapshot, encodeUpdate, encodeUpToDate } from './encoded-message.js';
import type { Follower } from './follower.js';
import { FollowPart } from './generated/lockstep/v1/lockstep.js';
import type { FollowEvent, FollowRequest } from './messages.js';
import { MB, patternBytes, startProtocol, until } from './testing/start-protocol.js';

const request: FollowRequest = { session: 'session', version: 0, stateSha256: '' };
const update = (version: number, bytes = 1_000): ReturnType<typeof encodeUpdate> =>
  encodeUpdate({ version, shards: [], dense: patternBytes(bytes) });

/** Handlers that keep every follower. */
function keeping(): {
  followers: Set<Follower>;
  follow: (request: FollowRequest, follower: Follower) => void;
} {
  const followers = new Set<Follower>();
  return {
    followers,
    follow(_request, follower) {
      followers.add(follower);
      follower.signal.addEventListener('abort', () => followers.delete(follower));
    },
  };
}

async function take(events: AsyncIterable<FollowEvent>, count: number): Promise<FollowEvent[]> {
  const taken: FollowEvent[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

describe('a follower', () => {
  it('gets a snapshot of 130 MB and the updates after it, in order', async () => {
    const state = patternBytes(130 * MB);
    const { client } = await startProtocol({
      follow(_request, follower) {
        follower.send(encodeSnapshot({ version: 1, state }));
        for (const version of [2, 3, 4]) follower.send(update(version));
      },
    });
    const events = await take(client.follow(request), 4);
    expect(events.map((event) => 'version' in event && event.version)).toEqual([1, 2, 3, 4]);
    const [first] = events;
    if (first?.kind !== 'snapshot') throw new Error('no snapshot came');
    expect(Buffer.compare(first.state, state)).toBe(0);
  });

  it('costs no encoding: twenty of them share the bytes of one', async () => {
    const { followers, follow } = keeping();
    const { connect } = await startProtocol({ follow });
    const streams = Array.from({ length: 20 }, () =>
      take(connect({ sharesMemory: false }).follow(request), 3),
    );
    await until(() => followers.size === 20);
    const encode = vi.spyOn(FollowPart, 'encode');
    for (const version of [1, 2, 3]) {
      const message = update(version, 3 * MB);
      for (const follower of followers) follower.send(message);
    }
    const received = await Promise.all(streams);
    const encodings = encode.mock.calls.length;
    encode.mockRestore();
    expect(encodings).toBe(3);
    expect(received.flat()).toHaveLength(60);
  });

  it('that reads nothing does not delay others, and is disconnected once it is too far behind', async () => {
    const { followers, follow } = keeping();
    const { connect } = await startProtocol({ follow }, { maxQueuedBytes: 30 * MB });
    const slow = connect({ sharesMemory: false }).follow(request);
    const firstOfSlow = slow.next();
    await until(() => followers.size === 1);
    const [slowFollower] = [...followers];
    const quick = take(connect().follow(request), 120);
    await until(() => followers.size === 2);
    const message = update(1, MB);
    for (let i = 0; i < 120; i++) {
      for (const follower of followers) follower.send(message);
      const quickFollower = [...followers].find((follower) => follower !== slowFollower);
      await until(() => (quickFollower?.queuedBytes ?? 0) < 10 * MB);
    }
    expect(await quick).toHaveLength(120);
    expect(slowFollower?.signal.aborted).toBe(true);
    expect(slowFollower?.queuedBytes).toBe(0);
    // Data in transit still arrives; then the worker must follow again.
    await firstOfSlow;
    await expect(take(slow, Infinity)).rejects.toMatchObject({ code: 'coordinator-unreachable' });
  });

  it('may be sent two messages of any size, and small ones after them', async () => {
    const follow = (_request: FollowRequest, follower: Follower): void => {
      for (const version of [1, 2]) follower.send(update(version, 5 * MB));
      follower.send(encodeUpToDate(2));
    };
    const { client } = await startProtocol({ follow }, { maxQueuedBytes: MB });
    expect(await take(client.follow(request), 3)).toHaveLength(3);
  });

  it('ends at once when its loop ends, and when its signal is aborted', async () => {
    const { followers, follow } = keeping();
    const { client } = await startProtocol({ follow });
    const stop = new AbortController();
    const left = take(client.follow(request, stop.signal), 1);
    const aborted = take(client.follow(request, stop.signal), 2);
    await until(() => followers.size === 2);
    for (const follower of followers) follower.send(encodeUpToDate(0));
    expect(await left).toHaveLength(1);
    await until(() => followers.size === 1);
    stop.abort();
    expect(await aborted).toHaveLength(1);
    await until(() => followers.size === 0);
  });

  it('ends when its process is killed', async () => {
    const { followers, follow } = keeping();
    const { server } = await startProtocol({ follow });
    const library = fileURLToPath(new URL('../dist/index.js', import.meta.url));
    const script = `
      const { createProtocolClient } = await import(process.argv[1]);
      const client = createProtocolClient({ address: process.argv[2], maxPayloadBytes: 1 });
      for await (const event of client.follow({ session: 's', stateSha256: '' }));`;
    const args = ['--input-type=module', '-e', script, library, server.address];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    await until(() => followers.size === 1);
    child.kill('SIGKILL');
    await until(() => followers.size === 0);
  });

  it('receives a refusal, and its stream ends', async () => {
    const { client } = await startProtocol({
      follow: (_request, follower) =>
        follower.refuse({ kind: 'refused', reason: 'unknown-session', message: 'register again' }),
    });
    expect(await take(client.follow(request), Infinity)).toEqual([
      { kind: 'refused', reason: 'unknown-session', message: 'register again' },
    ]);
  });

  it('ends when the server closes, after all queued messages', async () => {
    const { followers, follow } = keeping();
    const { client, server } = await startProtocol({ follow });
    const events = take(client.follow(request), Infinity);
    await until(() => followers.size === 1);
    for (const follower of followers) follower.send(update(1, 4 * MB));
    await server.close(5_000);
    expect(await events).toHaveLength(1);
  });
});

it('fetch returns an immutable snapshot', async () => {
  const state = patternBytes(3 * MB);
  const { client } = await startProtocol({
    fetch: ({ version }) => encodeSnapshot({ version, state }),
  });
  const snapshot = await client.fetch({ session: 's', version: 9 });
  if (snapshot.kind !== 'snapshot') throw new Error('no snapshot came');
  expect(snapshot.version).toBe(9);
  expect(Buffer.compare(snapshot.state, state)).toBe(0);
});
