import type { Client, ClientWritableStream } from '@grpc/grpc-js';
import type { LockstepError } from '@lockstep/core';
import { encodeStateUploadPart, encodeSubmitPart, uploadParts } from './encode-parts.js';
import type { ContributionBegin, ContributionRest, StateUploadHeader } from './messages.js';
import type { SharedRegion } from './shared-memory/shared-memory.js';
import { writeSubmitHeader, writeSubmitRest } from './wire-messages.js';

/** A piece of an upload: a head and its payload. */
export interface UploadPiece {
  readonly head: Buffer;
  readonly payload: Uint8Array;
}

/** A method that receives uploads. */
export interface UploadMethod<Reply> {
  readonly path: string;
  readonly responseDeserialize: (bytes: Buffer) => Reply;
}

export interface UploadOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly toError: (error: unknown) => LockstepError;
  /**
   * Shared memory for the payloads, if the coordinator can read it; each upload starts at its
   * beginning.
   */
  readonly region?: SharedRegion | undefined;
}

export const passThrough = (part: Buffer): Buffer => part;

/** Sends pieces as they become available, with back-pressure, and waits for the reply. */
export async function upload<Reply>(
  client: Client,
  method: UploadMethod<Reply>,
  pieces: readonly (UploadPiece | Promise<UploadPiece>)[],
  { deadlineMs, signal, toError, region }: UploadOptions,
): Promise<Reply> {
  const { promise, call } = open(client, method, Date.now() + deadlineMs);
  const cancel = (): void => call.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel);
  try {
    await sendPieces(call, pieces, promise, region);
    call.end();
    return await promise;
  } catch (error) {
    cancel(); // a piece may have failed: do not keep the receiver waiting
    throw toError(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/**
 * Sends pieces as they become available, with back-pressure, until the reply arrives.
 *
 * @param region shared memory for the payloads, if the other end can read it
 */
export async function sendPieces(
  call: Pick<ClientWritableStream<Buffer>, 'write'>,
  pieces: readonly (UploadPiece | Promise<UploadPiece>)[],
  answer: Promise<unknown>,
  region?: SharedRegion,
): Promise<void> {
  region?.rewind();
  let answered = false;
  const reply = answer.finally(() => (answered = true));
  reply.catch(() => undefined); // the caller awaits `answer` itself
  const write = (part: Buffer): Promise<unknown> => Promise.race([written(call, part), reply]);
  for (const pending of pieces) {
    const piece = await Promise.race([pending, reply]);
    // A reply before the end is a refusal: the rest need not be sent.
    if (answered || !isPiece(piece)) return;
    await write(piece.head);
    for (const part of uploadParts(piece.payload, region)) {
      if (answered) return;
      await write(part);
    }
  }
}

function isPiece(value: unknown): value is UploadPiece {
  return typeof value === 'object' && value !== null && 'head' in value && 'payload' in value;
}

function open<Reply>(
  client: Client,
  { path, responseDeserialize }: UploadMethod<Reply>,
  deadline: number,
): { promise: Promise<Reply>; call: ClientWritableStream<Buffer> } {
  const { promise, resolve, reject } = withResolvers<Reply>();
  const call = client.makeClientStreamRequest<Buffer, Reply>(
    path,
    passThrough,
    responseDeserialize,
    { deadline },
    (error, reply) =>
      reply === undefined ? reject(error ?? new Error('no reply')) : resolve(reply),
  );
  // The callback reports the failure; the stream repeats it.
  call.on('error', () => undefined);
  return { promise, call };
}

/** Fulfilled once the part has been copied and passed to the connection. */
function written(call: Pick<ClientWritableStream<Buffer>, 'write'>, part: Buffer): Promise<void> {
  return new Promise((resolve) => call.write(part, () => resolve()));
}

/** `Promise.withResolvers`, which Node 20 lacks. */
export function withResolvers<Value>(): {
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

/** The end of a contribution. */
export interface ContributionEnd extends ContributionRest {
  /** The dense section's wire bytes; must not change until they are sent. */
  readonly dense: Uint8Array;
}

/** The first piece of a contribution: its header and factored section. */
export function contributionBegin(
  begin: ContributionBegin,
  factored: Uint8Array,
  trace?: string,
): UploadPiece {
  const value = writeSubmitHeader(begin, factored.length, trace);
  return { head: encodeSubmitPart({ $case: 'header', value }), payload: factored };
}

/** The second piece of a contribution: everything else and the dense section. */
export function contributionEnd({ dense, ...rest }: ContributionEnd): UploadPiece {
  const value = writeSubmitRest(rest, dense.length);
  return { head: encodeSubmitPart({ $case: 'rest', value }), payload: dense };
}

/** An upload of a state, in one piece. */
export function stateUpload(header: StateUploadHeader, state: Uint8Array): UploadPiece {
  const value = { ...header, stateBytes: state.length };
  return { head: encodeStateUploadPart({ $case: 'header', value }), payload: state };
}
