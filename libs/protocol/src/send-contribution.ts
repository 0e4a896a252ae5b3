import { type Client, type ClientWritableStream, Metadata } from '@grpc/grpc-js';
import type { LockstepError } from '@lockstep/core';
import { encodeSubmitPart, submitChunks } from './encode-parts.js';
import { LockstepService, type SubmitReply } from './generated/lockstep/v1/lockstep.js';
import type { ContributionHeader, SubmitOutcome } from './messages.js';
import { readSubmitOutcome, writeSubmitHeader } from './wire-messages.js';

export interface SendOptions {
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  /** W3C `traceparent`, sent as metadata. */
  readonly trace: string | undefined;
  readonly toError: (error: unknown) => LockstepError;
}

/** As W3C names it. */
export const TRACE_HEADER = 'traceparent';

const passThrough = (part: Buffer): Buffer => part;

/** Sends header and payload, no faster than they are taken, and waits for what became of them. */
export async function sendContribution(
  client: Client,
  header: ContributionHeader,
  payload: Uint8Array,
  { deadlineMs, signal, trace, toError }: SendOptions,
): Promise<SubmitOutcome> {
  const { promise, call } = openSubmit(client, Date.now() + deadlineMs, trace);
  const cancel = (): void => call.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel);
  try {
    let answered = false;
    const reply = promise.finally(() => (answered = true));
    const write = (part: Buffer): Promise<unknown> => Promise.race([written(call, part), reply]);
    reply.catch(() => undefined);
    const value = writeSubmitHeader(header, payload.length);
    await write(encodeSubmitPart({ $case: 'header', value }));
    for (const part of submitChunks(payload)) {
      // An answer before the end is a refusal: the rest needs no sending.
      if (answered) break;
      await write(part);
    }
    call.end();
    return readSubmitOutcome(await reply);
  } catch (error) {
    throw toError(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function openSubmit(
  client: Client,
  deadline: number,
  trace: string | undefined,
): { promise: Promise<SubmitReply>; call: ClientWritableStream<Buffer> } {
  const { promise, resolve, reject } = withResolvers<SubmitReply>();
  const metadata = new Metadata();
  if (trace !== undefined) metadata.set(TRACE_HEADER, trace);
  const call = client.makeClientStreamRequest<Buffer, SubmitReply>(
    LockstepService.submit.path,
    passThrough,
    LockstepService.submit.responseDeserialize,
    metadata,
    { deadline },
    (error, reply) =>
      reply === undefined ? reject(error ?? new Error('no reply came')) : resolve(reply),
  );
  // The failure comes through the callback; the stream says it again.
  call.on('error', () => undefined);
  return { promise, call };
}

/** Fulfilled once the part has been copied and handed to the connection. */
function written(call: ClientWritableStream<Buffer>, part: Buffer): Promise<void> {
  return new Promise((resolve) => call.write(part, () => resolve()));
}

/** `Promise.withResolvers`, which Node 20 has not. */
function withResolvers<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: Error) => void;
} {
  let resolve!: (value: Value) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
