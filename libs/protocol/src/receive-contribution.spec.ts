import { Client, credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LockstepError, type GradientBytes } from '@lockstep/core';
import { sha256Of } from './encoded-message.js';
import { CHUNK_BYTES } from './encode-parts.js';
import type { SubmitPart } from './generated/lockstep/v1/lockstep.js';
import { LockstepService, type SubmitReply } from './generated/lockstep/v1/lockstep.js';
import type { EarlyFactors, SubmitOutcome } from './messages.js';
import type { ContributionEnd } from './upload.js';
import {
  contributionHeader,
  MB,
  patternBytes,
  sectionsOf,
  startProtocol,
  submitWhole,
  withResolvers,
} from './testing/start-protocol.js';
import { readSubmitOutcome, writeSubmitHeader, writeSubmitRest } from './wire-messages.js';

interface RawSubmit {
  readonly call: ClientDuplexStream<SubmitPart, SubmitReply>;
  /** All outcomes until the call ends; rejects with the status of a failed call. */
  readonly outcomes: Promise<SubmitOutcome[]>;
}

/** A client that sends arbitrary messages. */
function rawSubmit(address: string): RawSubmit {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const { path, requestSerialize, responseDeserialize } = LockstepService.submit;
  const call = client.makeBidiStreamRequest<SubmitPart, SubmitReply>(
    ...([path, requestSerialize, responseDeserialize] as const),
  );
  const came: SubmitOutcome[] = [];
  const outcomes = new Promise<SubmitOutcome[]>((resolve, reject) => {
    call.on('data', (reply: SubmitReply) => came.push(readSubmitOutcome(reply)));
    call.on('end', () => resolve(came));
    call.on('error', reject);
  });
  outcomes.catch(() => undefined);
  return { call, outcomes };
}

const header = (payload: GradientBytes, says = payload.factored.length): SubmitPart => ({
  part: { $case: 'header', value: writeSubmitHeader(contributionHeader, says) },
});
const rest = (payload: GradientBytes, says = payload.dense.length): SubmitPart => ({
  part: { $case: 'rest', value: writeSubmitRest(contributionHeader, says) },
});
const chunk = (value: Uint8Array): SubmitPart => ({ part: { $case: 'chunk', value } });
const span = (length: number): SubmitPart => ({
  part: { $case: 'shared', value: { offset: 0, length } },
});

describe('a contribution', () => {
  it.each([
    [0, 0],
    [0, 4],
    [4, 0],
    [CHUNK_BYTES, CHUNK_BYTES + 1],
    [13.1 * MB, 400],
    [100 * MB, 30 * MB],
  ])(
    'of %d and %d bytes comes whole, aligned and with all of its header, in messages of 1 MiB',
    async (factored, dense) => {
      const payload = sectionsOf(factored, dense);
      const submit = vi.fn((): SubmitOutcome => ({ verdict: 'counted', message: '' }));
      const { client } = await startProtocol({ submit });
      const sent = contributionHeader;
      const outcome = await submitWhole(client, sent, payload);
      expect(outcome).toEqual({ verdict: 'counted', message: '' });
      const [received, bytes] = submit.mock.lastCall as unknown as [object, GradientBytes];
      expect(received).toEqual(sent);
      for (const name of ['factored', 'dense'] as const) {
        const { byteOffset, buffer } = bytes[name];
        expect([byteOffset, buffer.byteLength]).toEqual([0, payload[name].length]);
        expect(Buffer.compare(bytes[name], payload[name])).toBe(0);
      }
    },
  );

  it('passes on its factored section while the rest is still being computed', async () => {
    const payload = sectionsOf(CHUNK_BYTES + 3, 8);
    const { promise: told, resolve: tell } = withResolvers<EarlyFactors>();
    const { client } = await startProtocol({ factors: (_begin, early) => tell(early) });
    const { promise: computed, resolve: compute } = withResolvers<ContributionEnd>();
    const sending = client.submit(contributionHeader, payload.factored, computed);
    const { factored, factoredSha256 } = await told;
    expect(Buffer.compare(factored, payload.factored)).toBe(0);
    expect(factoredSha256).toBe(sha256Of(payload.factored));
    compute({ ...contributionHeader, dense: payload.dense });
    expect(await sending).toMatchObject({ verdict: 'counted' });
  });

  it('is cancelled at both ends when the rest cannot be computed', async () => {
    const { promise: over, resolve: end } = withResolvers<unknown>();
    const { client } = await startProtocol({}, { onDefect: (_method, error) => end(error) });
    const payload = sectionsOf(4, 4);
    const failing = Promise.reject(new LockstepError('internal', 'out of memory'));
    const sending = client.submit(contributionHeader, payload.factored, failing);
    await expect(sending).rejects.toThrow(/out of memory/);
    const whole = submitWhole(client, contributionHeader, payload);
    expect(await whole).toMatchObject({ verdict: 'counted' });
    end('no defect');
    expect(await over).toBe('no defect');
  });

  it('is complete when ten are sent at once', async () => {
    const seen: number[] = [];
    const { client } = await startProtocol({
      submit: (_header, { factored }) => {
        seen.push(factored.length);
        return { verdict: 'counted', message: '' };
      },
    });
    const payloads = Array.from({ length: 10 }, (_, i) => sectionsOf(2 * CHUNK_BYTES + i, 4));
    await Promise.all(payloads.map((payload) => submitWhole(client, contributionHeader, payload)));
    expect(seen.sort()).toEqual(payloads.map(({ factored }) => factored.length).sort());
  });
});

describe('a contribution is refused', () => {
  it('before memory is allocated, when its header announces more than the limit', async () => {
    const admit = vi.fn(() => undefined);
    const { client } = await startProtocol({ admit }, { maxPayloadBytes: 3_000_000 });
    for (const [factored, dense] of [
      [3_000_001, 0],
      [1, 3_000_000],
    ] as const) {
      const payload = sectionsOf(factored, dense);
      const sent = contributionHeader;
      const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
      const { verdict } = await submitWhole(client, sent, payload);
      const sizes = allocate.mock.calls.map(([size]) => size);
      allocate.mockRestore();
      expect(verdict).toBe('too-large');
      expect(sizes).not.toContain(Math.max(factored, dense));
    }
    // Of the second one's factored section.
    expect(admit.mock.calls).toHaveLength(1);
  });

  it('before memory is allocated, when the handler does not admit it', async () => {
    const submit = vi.fn();
    const { client } = await startProtocol({
      admit: (_header, bytes) => ({ verdict: 'wrong-shape', message: `${bytes} bytes` }),
      submit,
    });
    const payload = sectionsOf(20 * MB, 4);
    expect(await submitWhole(client, contributionHeader, payload)).toEqual({
      verdict: 'wrong-shape',
      message: '20000000 bytes',
    });
    expect(submit).not.toHaveBeenCalled();
  });

  const payload = sectionsOf(8, 8);
  it.each<[string, SubmitPart[], string]>([
    ['no header comes first', [chunk(payload.dense)], 'malformed'],
    ['the header comes twice', [header(payload), header(payload)], 'malformed'],
    ['a chunk is empty', [header(payload), chunk(new Uint8Array(0))], 'malformed'],
    ['it refers to memory that was not offered', [header(payload), span(8)], 'malformed'],
    ['a span is empty', [header(payload), span(0)], 'malformed'],
    ['a span is longer than the header says', [header(payload), span(9)], 'too-large'],
    ['too little comes', [header(payload), chunk(payload.factored.subarray(0, 7))], 'malformed'],
    ['the rest does not come', [header(payload), chunk(payload.factored)], 'malformed'],
    [
      'too much comes first',
      [header(payload), chunk(payload.factored.subarray(0, 7)), chunk(payload.factored)],
      'too-large',
    ],
  ])('when %s', async (_what, parts, verdict) => {
    const { server } = await startProtocol();
    const { call, outcomes } = rawSubmit(server.address);
    for (const part of parts) call.write(part);
    call.end();
    expect(await outcomes).toMatchObject([{ verdict }]);
  });

  const withoutShard = { ...writeSubmitHeader(contributionHeader, 8), shard: undefined };
  it.each<[SubmitPart, string]>([
    [{ part: undefined }, 'SubmitPart.part'],
    [{ part: { $case: 'header', value: withoutShard } }, 'SubmitHeader.shard'],
  ])('with its call when a part is not allowed: %j', async (part, field) => {
    const { server } = await startProtocol();
    const { call, outcomes } = rawSubmit(server.address);
    call.write(part);
    await expect(outcomes).rejects.toMatchObject({
      details: expect.stringContaining(field) as string,
    });
  });
});

describe('the next contribution over the same call', () => {
  it('is received after any outcome of the previous one, whose remaining parts are skipped', async () => {
    const { server } = await startProtocol();
    const { call, outcomes } = rawSubmit(server.address);
    const payload = sectionsOf(8, 8);
    const whole = [
      ...[header(payload), chunk(payload.factored)],
      ...[rest(payload), chunk(payload.dense)],
    ];
    const spoilt = [header(payload), chunk(new Uint8Array(0)), ...whole.slice(1)];
    for (const part of [...whole, ...spoilt, ...whole, chunk(payload.dense)]) call.write(part);
    call.end();
    expect((await outcomes).map(({ verdict }) => verdict)).toEqual([
      ...['counted', 'malformed', 'counted', 'malformed'], // the last for what is too much
    ]);
  });

  it('uses a new call after the previous one was cancelled', async () => {
    const { client } = await startProtocol();
    const payload = sectionsOf(8, 8);
    const giveUp = new AbortController();
    const never = new Promise<ContributionEnd>(() => undefined);
    const options = { signal: giveUp.signal };
    const given = client.submit(contributionHeader, payload.factored, never, options);
    const next = submitWhole(client, contributionHeader, payload);
    giveUp.abort();
    await expect(given).rejects.toMatchObject({ code: 'coordinator-unreachable' });
    expect(await next).toMatchObject({ verdict: 'counted' });
  });
});

describe('an upload', () => {
  it('that stalls is ended at the deadline', async () => {
    const { server } = await startProtocol({}, { uploadStallMs: 100 });
    const { call, outcomes } = rawSubmit(server.address);
    call.write(header(sectionsOf(8, 8)));
    await expect(outcomes).rejects.toMatchObject({ details: 'no message for 100 ms' });
  });

  it('that its sender cancels is dropped and is not a defect', async () => {
    const onDefect = vi.fn();
    const admitted = vi.fn(() => undefined);
    const { server, client } = await startProtocol({ admit: admitted }, { onDefect });
    const { call, outcomes } = rawSubmit(server.address);
    call.write(header(sectionsOf(8, 8)));
    await vi.waitFor(() => expect(admitted).toHaveBeenCalled());
    call.cancel();
    await expect(outcomes).rejects.toThrow(/CANCELLED/);
    await client.describe();
    expect(onDefect).not.toHaveBeenCalled();
  });

  it('of a message above the limit is refused by the transport', async () => {
    const { server } = await startProtocol();
    const { call, outcomes } = rawSubmit(server.address);
    call.write(header(sectionsOf(4 * MB, 0)));
    call.write(chunk(patternBytes(3 * MB)));
    await expect(outcomes).rejects.toThrow(/RESOURCE_EXHAUSTED/);
  });
});
