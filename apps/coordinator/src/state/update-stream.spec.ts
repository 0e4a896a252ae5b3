import { createHash } from 'node:crypto';
import type { ShardFactors } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { decodeMessage, type EncodedMessage, type Follower } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';
import { WorkerRegistry } from '../workers/worker-registry.js';
import { Replica } from './replica.js';
import { UpdateStream, type HeldState, type OutgoingUpdate } from './update-stream.js';

const nothing = { version: undefined, stateSha256: '' };

/** An engine of which only a snapshot of version 0 can be had, and only when it is let go. */
function slowEngine(): { engine: Engine; release: () => void } {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const run = async (): Promise<object> => {
    await gate;
    const state = new Uint8Array(4);
    const stateSha256 = createHash('sha256').update(state).digest('hex');
    return { version: 0, state, stateSha256, weightsSha256: stateSha256 };
  };
  return { engine: { run } as unknown as Engine, release };
}

function follower(): { follower: Follower; heard: () => Promise<string[]> } {
  const messages: EncodedMessage[] = [];
  const over = new AbortController();
  const heard = async (): Promise<string[]> => {
    const events = await Promise.all(messages.map(decodeMessage));
    return events.map((event) => {
      if (event?.kind === 'factors') return `factors ${event.step}/${event.index}`;
      if (event?.kind === 'update') return `update ${event.version}`;
      if (event?.kind === 'snapshot') return `snapshot ${event.version}`;
      return event?.kind ?? 'nothing';
    });
  };
  const send = (message: EncodedMessage): void => void messages.push(message);
  return {
    follower: {
      ...{ signal: over.signal, queuedBytes: 0, send },
      ...{ refuse: () => undefined, end: () => undefined },
    },
    heard,
  };
}

const factorsOf = (index: number, length = 3): ShardFactors => {
  const factored = new Uint8Array(length).fill(index + 1);
  const factoredSha256 = createHash('sha256').update(factored).digest('hex');
  return { sampleCount: 2, factored, factoredSha256 };
};
const updateOf = (version: number, shards: readonly ShardFactors[]): OutgoingUpdate => ({
  ...{ version, update: { shards, dense: new Uint8Array(5) }, prove: false, evaluated: false },
});

/** An update stream, whose workers join as they follow it. */
function startStream(engine: Engine) {
  const workers = new WorkerRegistry({ now: () => 0, monotonicNow: () => 0 });
  const updateStream = new UpdateStream(workers, new Replica(engine, 0));
  const follow = (id: string, follower: Follower, held: HeldState): Promise<void> => {
    const worker = workers.add({ id, host: 'h', pid: 1, backend: 'native', local: true });
    return updateStream.follow(worker, follower, held);
  };
  return { updateStream, follow };
}

/** Two workers that are up to date. */
async function twoFollow(): Promise<{
  updateStream: UpdateStream;
  a: ReturnType<typeof follower>;
  b: ReturnType<typeof follower>;
}> {
  const { engine, release } = slowEngine();
  release();
  const { updateStream, follow } = startStream(engine);
  const [a, b] = [follower(), follower()];
  await follow('a', a.follower, nothing);
  await follow('b', b.follower, nothing);
  return { updateStream, a, b };
}

describe('the update stream', () => {
  it('sends a factored section at once, to all workers but its author, and once', async () => {
    const { updateStream, a, b } = await twoFollow();
    const shards = [factorsOf(0), factorsOf(1)];
    updateStream.sendEarly('a', { step: 1, index: 0, ...shards[0] });
    updateStream.sendEarly('b', { step: 1, index: 0, ...shards[0] });
    updateStream.sendEarly('b', { step: 1, index: 1, ...shards[1] });
    const { followers, bytes } = updateStream.publish(updateOf(1, shards));
    const begin = ['snapshot 0', 'up-to-date'];
    expect(await a.heard()).toEqual([...begin, 'factors 1/1', 'update 1']);
    expect(await b.heard()).toEqual([...begin, 'factors 1/0', 'update 1']);
    expect(followers).toBe(2);
    expect(bytes).toBeGreaterThan(8);
  });

  it('sends the missing sections of an update before it', async () => {
    const { updateStream, a } = await twoFollow();
    updateStream.publish(updateOf(1, [factorsOf(0), factorsOf(1, 0)]));
    expect(await a.heard()).toEqual(['snapshot 0', 'up-to-date', 'factors 1/0', 'update 1']);
  });

  it('lets no new follower miss anything, not even an author that registered anew', async () => {
    const { engine, release } = slowEngine();
    const { updateStream, follow } = startStream(engine);
    const shards = [factorsOf(0), factorsOf(1)];
    updateStream.sendEarly('a', { step: 1, index: 0, ...shards[0] });
    const a = follower();
    const following = follow('a', a.follower, nothing);
    updateStream.sendEarly('b', { step: 1, index: 1, ...shards[1] });
    updateStream.publish(updateOf(1, shards));
    const buffers = shards.map(({ factored }) => factored.buffer as ArrayBuffer);
    structuredClone(buffers, { transfer: buffers }); // as the engine takes them over
    release();
    await following;
    expect(await a.heard()).toEqual([
      ...['snapshot 0', 'factors 1/0', 'factors 1/1', 'update 1', 'up-to-date'],
    ]);
  });
});
