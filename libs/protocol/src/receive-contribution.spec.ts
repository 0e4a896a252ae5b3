import { Client, credentials, Metadata, type ClientWritableStream } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CHUNK_BYTES } from './encode-parts.js';
import type { SubmitPart } from './generated/lockstep/v1/lockstep.js';
import { LockstepService, type SubmitReply } from './generated/lockstep/v1/lockstep.js';
import type { SubmitOutcome } from './messages.js';
import { headerFor, MB, patternBytes, startProtocol } from './testing/start-protocol.js';
import { readSubmitOutcome, writeSubmitHeader } from './wire-messages.js';

interface RawSubmit {
  readonly call: ClientWritableStream<SubmitPart>;
  readonly outcome: Promise<SubmitOutcome>;
}

/** A client that sends what it is told, however wrong. */
function rawSubmit(address: string): RawSubmit {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const { path, requestSerialize, responseDeserialize } = LockstepService.submit;
  let call!: ClientWritableStream<SubmitPart>;
  const outcome = new Promise<SubmitOutcome>((resolve, reject) => {
    call = client.makeClientStreamRequest<SubmitPart, SubmitReply>(
      path,
      requestSerialize,
      responseDeserialize,
      new Metadata(),
      (error, reply) => (reply ? resolve(readSubmitOutcome(reply)) : reject(error!)),
    );
  });
  call.on('error', () => undefined);
  return { call, outcome };
}

const header = (payload: Uint8Array, says = payload.length): SubmitPart => ({
  part: { $case: 'header', value: writeSubmitHeader(headerFor(payload), says) },
});
const chunk = (value: Uint8Array): SubmitPart => ({ part: { $case: 'chunk', value } });

describe('a contribution', () => {
  it.each([0, 4, CHUNK_BYTES, CHUNK_BYTES + 1, 13.1 * MB, 130 * MB])(
    'of %d bytes comes whole, aligned and with all of its header, in messages of 1 MiB',
    async (length) => {
      const payload = patternBytes(length);
      const submit = vi.fn((): SubmitOutcome => ({ verdict: 'counted', message: '' }));
      const { client } = await startProtocol({ submit });
      const sent = headerFor(payload);
      expect(await client.submit(sent, payload)).toEqual({ verdict: 'counted', message: '' });
      const [received, bytes] = submit.mock.lastCall as unknown as [object, Uint8Array];
      expect(received).toEqual(sent);
      expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, length]);
      expect(Buffer.compare(bytes, payload)).toBe(0);
    },
  );

  it('comes whole when ten of them come at once', async () => {
    const seen: number[] = [];
    const { client } = await startProtocol({
      submit: (_header, bytes) => {
        seen.push(bytes.length);
        return { verdict: 'counted', message: '' };
      },
    });
    const payloads = Array.from({ length: 10 }, (_, i) => patternBytes(2 * CHUNK_BYTES + i));
    await Promise.all(payloads.map((payload) => client.submit(headerFor(payload), payload)));
    expect(seen.sort()).toEqual(payloads.map(({ length }) => length).sort());
  });
});

describe('a contribution is refused', () => {
  it('before memory is taken, when its header says more than the bound', async () => {
    const admit = vi.fn(() => undefined);
    const { client } = await startProtocol({ admit }, { maxPayloadBytes: 3_000_000 });
    const payload = patternBytes(3_000_001);
    const sent = headerFor(payload);
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    const { verdict } = await client.submit(sent, payload);
    const sizes = allocate.mock.calls.map(([size]) => size);
    allocate.mockRestore();
    expect(verdict).toBe('too-large');
    expect(sizes).not.toContain(payload.length);
    expect(admit).not.toHaveBeenCalled();
  });

  it('before memory is taken, when the handler does not admit it', async () => {
    const submit = vi.fn();
    const { client } = await startProtocol({
      admit: (_header, bytes) => ({ verdict: 'wrong-shape', message: `${bytes} bytes` }),
      submit,
    });
    const payload = patternBytes(20 * MB);
    expect(await client.submit(headerFor(payload), payload)).toEqual({
      verdict: 'wrong-shape',
      message: '20000000 bytes',
    });
    expect(submit).not.toHaveBeenCalled();
  });

  it('when its bytes are not those that were hashed', async () => {
    const { client } = await startProtocol();
    const payload = patternBytes(8);
    const sent = { ...headerFor(payload), lossSum: 1 };
    expect(await client.submit(sent, payload)).toMatchObject({ verdict: 'wrong-hash' });
  });

  const payload = patternBytes(8);
  it.each<[string, SubmitPart[], string]>([
    ['nothing comes', [], 'malformed'],
    ['no header comes first', [chunk(payload)], 'malformed'],
    ['a part is empty', [header(payload), { part: undefined }], 'malformed'],
    ['the header comes twice', [header(payload), header(payload)], 'malformed'],
    ['a chunk is empty', [header(payload), chunk(new Uint8Array(0))], 'malformed'],
    ['too little comes', [header(payload), chunk(payload.subarray(0, 7))], 'malformed'],
    ['too much comes', [header(payload), chunk(payload), chunk(payload)], 'too-large'],
    [
      'the header names no shard',
      [
        {
          part: {
            $case: 'header',
            value: { ...writeSubmitHeader(headerFor(payload), 8), shard: undefined },
          },
        },
      ],
      'malformed',
    ],
  ])('when %s', async (_what, parts, verdict) => {
    const { server } = await startProtocol();
    const { call, outcome } = rawSubmit(server.address);
    for (const part of parts) call.write(part);
    call.end();
    expect(await outcome).toMatchObject({ verdict });
  });
});

describe('an upload', () => {
  it('that stalls is broken off at the deadline', async () => {
    const { server } = await startProtocol({}, { uploadStallMs: 100 });
    for (const parts of [[], [header(patternBytes(8))]]) {
      const { call, outcome } = rawSubmit(server.address);
      for (const part of parts) call.write(part);
      await expect(outcome).rejects.toMatchObject({ details: 'no message for 100 ms' });
    }
  });

  it('that its sender breaks off is forgotten and is no defect', async () => {
    const onDefect = vi.fn();
    const admitted = vi.fn(() => undefined);
    const { server, client } = await startProtocol({ admit: admitted }, { onDefect });
    const { call, outcome } = rawSubmit(server.address);
    call.write(header(patternBytes(8)));
    await vi.waitFor(() => expect(admitted).toHaveBeenCalled());
    call.cancel();
    await expect(outcome).rejects.toThrow(/CANCELLED/);
    await client.describe();
    expect(onDefect).not.toHaveBeenCalled();
  });

  it('of a message beyond the bound is refused by the transport', async () => {
    const { server } = await startProtocol();
    const { call, outcome } = rawSubmit(server.address);
    call.write(header(patternBytes(4 * MB)));
    call.write(chunk(patternBytes(3 * MB)));
    await expect(outcome).rejects.toThrow(/RESOURCE_EXHAUSTED/);
  });
});
