import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { SharedRegion } from './shared-memory/shared-memory.js';
import {
  FollowPart,
  StateUploadPart,
  SharedSpan,
  SubmitPart,
} from './generated/lockstep/v1/lockstep.js';

/**
 * Payload bytes per message. Small enough to copy and hash a payload while the rest is in transit,
 * large enough that the overhead per message is small.
 */
export const CHUNK_BYTES = 256 * 1024;

/**
 * Bytes per span of shared memory, so that reading and hashing a large payload is interleaved with
 * other work.
 */
const SPAN_BYTES = 1024 * 1024;

/** Largest message: a chunk with its head, or maps and JSON. */
export const DEFAULT_MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

/** Upper limit of a payload at both ends, far above any model's state. */
export const LARGEST_PAYLOAD_BYTES = 2 ** 31;

const FOLLOW_CHUNK_FIELD = 3;
/** The same in SubmitPart and StateUploadPart. */
const UPLOAD_CHUNK_FIELD = 2;
/** The same in SubmitPart and StateUploadPart. */
const UPLOAD_SHARED_FIELD = 4;
const LENGTH_DELIMITED = 2;

export function encodeFollowPart(part: NonNullable<FollowPart['part']>): Buffer {
  return asBuffer(FollowPart.encode({ part }).finish());
}

export function encodeSubmitPart(part: NonNullable<SubmitPart['part']>): Buffer {
  return asBuffer(SubmitPart.encode({ part }).finish());
}

export function encodeStateUploadPart(part: NonNullable<StateUploadPart['part']>): Buffer {
  return asBuffer(StateUploadPart.encode({ part }).finish());
}

/** The payload as `FollowPart.chunk` messages, each in its own memory. */
export function* followChunks(payload: Uint8Array): Generator<Buffer> {
  for (const chunk of slices(payload))
    yield framed(FOLLOW_CHUNK_FIELD, chunk, (bytes) => Buffer.allocUnsafeSlow(bytes));
}

function* uploadChunks(payload: Uint8Array): Generator<Buffer> {
  let scratch = Buffer.alloc(0);
  const reuse = (bytes: number): Buffer => {
    if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(bytes);
    return scratch.subarray(0, bytes);
  };
  for (const chunk of slices(payload)) yield framed(UPLOAD_CHUNK_FIELD, chunk, reuse);
}

/**
 * The payload as messages of an upload, `chunk` and `shared` of SubmitPart or StateUploadPart:
 * spans for the part that fits into shared memory, chunks for the rest. Chunks share one buffer, so
 * each must have been sent before the next is taken: a large payload needs memory for only one
 * chunk.
 */
export function* uploadParts(payload: Uint8Array, region?: SharedRegion): Generator<Buffer> {
  if (region === undefined) {
    yield* uploadChunks(payload);
    return;
  }
  for (let offset = 0; offset < payload.length; offset += SPAN_BYTES) {
    const span = region.write(payload.subarray(offset, offset + SPAN_BYTES));
    if (span === undefined) {
      yield* uploadChunks(payload.subarray(offset));
      return;
    }
    yield uploadSpan(span);
  }
}

/** A span as a `SubmitPart.shared` or `StateUploadPart.shared` message. */
function uploadSpan(span: SharedSpan): Buffer {
  const writer = new BinaryWriter().tag(UPLOAD_SHARED_FIELD, LENGTH_DELIMITED);
  return asBuffer(SharedSpan.encode(span, writer.fork()).join().finish());
}

function* slices(payload: Uint8Array): Generator<Uint8Array> {
  for (let offset = 0; offset < payload.length; offset += CHUNK_BYTES) {
    yield payload.subarray(offset, offset + CHUNK_BYTES);
  }
}

/** Written by hand, since the generated encoder copies a chunk twice more. */
function framed(field: number, chunk: Uint8Array, allocate: (bytes: number) => Buffer): Buffer {
  const head = new BinaryWriter().tag(field, LENGTH_DELIMITED).uint32(chunk.length).finish();
  const message = allocate(head.length + chunk.length);
  message.set(head);
  message.set(chunk, head.length);
  return message;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
