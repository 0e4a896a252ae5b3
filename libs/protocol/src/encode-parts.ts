import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { FollowPart, SubmitPart } from './generated/lockstep/v1/lockstep.js';

/** Payload bytes per message; every message stays a little above this. */
export const CHUNK_BYTES = 1024 * 1024;

const FOLLOW_CHUNK_FIELD = 3;
const SUBMIT_CHUNK_FIELD = 2;
const LENGTH_DELIMITED = 2;

export function encodeFollowPart(part: NonNullable<FollowPart['part']>): Buffer {
  return asBuffer(FollowPart.encode({ part }).finish());
}

export function encodeSubmitPart(part: NonNullable<SubmitPart['part']>): Buffer {
  return asBuffer(SubmitPart.encode({ part }).finish());
}

/** The payload as `FollowPart.chunk` messages. */
export function followChunks(payload: Uint8Array): Generator<Buffer> {
  return chunks(payload, FOLLOW_CHUNK_FIELD);
}

/** The payload as `SubmitPart.chunk` messages. */
export function submitChunks(payload: Uint8Array): Generator<Buffer> {
  return chunks(payload, SUBMIT_CHUNK_FIELD);
}

/** By hand and not by the generated encoder, which copies a chunk twice more. */
function* chunks(payload: Uint8Array, field: number): Generator<Buffer> {
  for (let offset = 0; offset < payload.length; offset += CHUNK_BYTES) {
    const chunk = payload.subarray(offset, offset + CHUNK_BYTES);
    const head = new BinaryWriter().tag(field, LENGTH_DELIMITED).uint32(chunk.length).finish();
    yield Buffer.concat([head, chunk]);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
