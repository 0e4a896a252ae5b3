import { LockstepError } from '@lockstep/core';
import { describe, expect, it, vi } from 'vitest';
import { assembleEvents } from './assemble-events.js';
import {
  encodeDrain,
  encodeFactors,
  encodeRefusal,
  encodeRunStatus,
  encodeSnapshot,
  encodeUpdate,
  encodeUpToDate,
  sha256Of,
  type EncodedMessage,
} from './encoded-message.js';
import { FollowPart } from './generated/lockstep/v1/lockstep.js';
import type { FollowEvent } from './messages.js';
import { patternBytes } from './testing/start-protocol.js';

const partsOf = (message: EncodedMessage): FollowPart[] =>
  message.parts.map((part) => FollowPart.decode(part));

async function assemble(parts: FollowPart[], maxBytes = 10_000_000): Promise<FollowEvent[]> {
  const stream = (async function* () {
    yield* await Promise.resolve(parts);
  })();
  const events: FollowEvent[] = [];
  for await (const event of assembleEvents(stream, maxBytes)) events.push(event);
  return events;
}

describe('assembleEvents', () => {
  it('assembles all events, in order', async () => {
    const state = patternBytes(50_001);
    const payload = patternBytes(12);
    const factored = patternBytes(1_000_003);
    const shards = [{ sampleCount: 50, factoredSha256: sha256Of(factored) }];
    const messages = [
      encodeRunStatus('running', 'two workers'),
      encodeSnapshot({ version: 4, state }),
      encodeFactors({ step: 5, index: 1, factored, sha256: sha256Of(factored) }),
      encodeUpdate({
        version: 5,
        shards,
        dense: payload,
        prove: true,
        evaluated: true,
      }),
      encodeUpdate({ version: 6, shards: [], dense: new Uint8Array(0) }),
      encodeUpToDate(6),
      encodeDrain('scaled down'),
      encodeRefusal({ kind: 'refused', reason: 'unknown-session', message: 'register again' }),
    ];
    const empty = new Uint8Array(0);
    const decodeMs = expect.any(Number) as number;
    expect(await assemble(messages.flatMap(partsOf))).toEqual([
      { kind: 'run-status', state: 'running', reason: 'two workers' },
      { kind: 'snapshot', version: 4, sha256: sha256Of(state), state },
      { kind: 'factors', step: 5, index: 1, sha256: sha256Of(factored), factored },
      {
        kind: 'update',
        version: 5,
        shards,
        dense: payload,
        sha256: sha256Of(payload),
        prove: true,
        evaluated: true,
        decodeMs,
      },
      {
        kind: 'update',
        version: 6,
        shards: [],
        dense: empty,
        sha256: sha256Of(empty),
        prove: false,
        evaluated: false,
        decodeMs,
      },
      { kind: 'up-to-date', version: 6 },
      { kind: 'drain', reason: 'scaled down' },
      { kind: 'refused', reason: 'unknown-session', message: 'register again' },
    ]);
  });

  it('gives bytes alone in their ArrayBuffer, so aligned', async () => {
    const [event] = await assemble(partsOf(encodeSnapshot({ version: 1, state: patternBytes(8) })));
    if (event?.kind !== 'snapshot') throw new Error('no snapshot came');
    expect([event.state.byteOffset, event.state.buffer.byteLength]).toEqual([0, 8]);
  });

  it('refuses an announced size above the limit before it allocates memory', async () => {
    const parts = partsOf(encodeSnapshot({ version: 1, state: patternBytes(1_001) }));
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    await expect(assemble(parts, 1_000)).rejects.toThrow(/1001 bytes were announced/);
    expect(allocate).not.toHaveBeenCalled();
    allocate.mockRestore();
  });

  it('ignores a part that only a newer coordinator knows', async () => {
    expect(await assemble([{ part: undefined }])).toEqual([]);
  });

  const [begin, chunk] = partsOf(encodeUpdate({ version: 2, shards: [], dense: patternBytes(8) }));
  const flipped = { part: { $case: 'chunk' as const, value: new Uint8Array(8) } };
  it.each([
    ['a chunk out of place', [chunk], /a chunk without a begin/],
    ['a begin within a begin', [begin, begin], /expected a chunk/],
    ['an early end', [begin], /ended 8 bytes too early/],
    ['too many bytes', [begin, chunk, chunk], /a chunk without a begin/],
    ['other bytes', [begin, flipped], /is damaged/],
  ])('refuses %s', async (_what, parts, message) => {
    const failure = await assemble(parts).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LockstepError);
    expect(failure).toMatchObject({ code: 'protocol-violation' });
    expect(String(failure)).toMatch(message);
  });
});
