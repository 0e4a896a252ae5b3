import { type Client, type ClientWritableStream, Metadata } from '@grpc/grpc-js';
import type { LockstepError } from '@lockstep/core';
import { uploadChunks } from './encode-parts.js';

/** A piece of an upload: a head, and the bytes that it announces. */
export interface UploadPiece {
  readonly head: Buffer;
  readonly payload: Uint8Array;
}

/** A call that takes pieces, one after another. */
export interface UploadMethod<Reply> {
  readonly path: string;
  readonly responseDeserialize: (bytes: Buffer) => Reply;
}

export interface UploadOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** W3C `traceparent`, sent as metadata. */
  readonly trace?: string | undefined;
  readonly toError: (error: unknown) => LockstepError;
}

/** As W3C names it. */
export const TRACE_HEADER = 'traceparent';

const passThrough = (part: Buffer): Buffer => part;

/**
 * Sends pieces as they come to be known, no faster than they are taken, and waits for what became of
 * them.
 */
export async function upload<Reply>(
  client: Client,
  method: UploadMethod<Reply>,
  pieces: readonly (UploadPiece | Promise<UploadPiece>)[],
  { deadlineMs, signal, trace, toError }: UploadOptions,
): Promise<Reply> {
  const { promise, call } = open(client, method, Date.now() + deadlineMs, trace);
  const cancel = (): void => call.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel);
  try {
    let answered = false;
    const reply = promise.finally(() => (answered = true));
    const write = (part: Buffer): Promise<unknown> => Promise.race([written(call, part), reply]);
    reply.catch(() => undefined);
    for (const coming of pieces) {
      const piece = await Promise.race([coming, reply]);
      // An answer before the end is a refusal: the rest needs no sending.
      if (answered || !isPiece(piece)) break;
      await write(piece.head);
      for (const part of uploadChunks(piece.payload)) {
        if (answered) break;
        await write(part);
      }
    }
    call.end();
    return await reply;
  } catch (error) {
    cancel(); // where a piece failed to come, nobody is to wait for it
    throw toError(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function isPiece(value: unknown): value is UploadPiece {
  return typeof value === 'object' && value !== null && 'head' in value && 'payload' in value;
}

function open<Reply>(
  client: Client,
  { path, responseDeserialize }: UploadMethod<Reply>,
  deadline: number,
  trace: string | undefined,
): { promise: Promise<Reply>; call: ClientWritableStream<Buffer> } {
  const { promise, resolve, reject } = withResolvers<Reply>();
  const metadata = new Metadata();
  if (trace !== undefined) metadata.set(TRACE_HEADER, trace);
  const call = client.makeClientStreamRequest<Buffer, Reply>(
    path,
    passThrough,
    responseDeserialize,
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
