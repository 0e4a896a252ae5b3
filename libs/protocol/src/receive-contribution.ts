import type { ServerReadableStream } from '@grpc/grpc-js';
import { createHash } from 'node:crypto';
import { finishContributionHash } from '@lockstep/core';
import type { SubmitPart, SubmitReply } from './generated/lockstep/v1/lockstep.js';
import type { Caller } from './gate.js';
import type { SubmitOutcome } from './messages.js';
import { PayloadBuffer } from './payload-buffer.js';
import type { ProtocolHandlers } from './protocol-handlers.js';
import {
  BadUpload,
  receiveEnd,
  receiveHead,
  receivePayload,
  stallTimer,
  type StallTimer,
} from './receive-payload.js';
import { TRACE_HEADER } from './upload.js';
import { readSubmitHeader, readSubmitRest } from './wire-messages.js';

export interface ReceiveLimits {
  /** Payloads that say they are larger are refused before memory is taken. */
  readonly maxPayloadBytes: number;
  /** How long the next message of a stream may take. */
  readonly uploadStallMs: number;
}

type Handlers = Pick<ProtocolHandlers, 'admit' | 'factors' | 'submit'>;
/** Times longer than a message may take that the rest of a contribution may. */
const COMPUTING = 10;

type SubmitStream = ServerReadableStream<SubmitPart, SubmitReply>;

/**
 * Receives one contribution: header, question whether it is wanted, factored section, which is told
 * of at once, the rest with the dense section, hash, handler. Whatever is wrong with the stream is an outcome; it throws only when the stream breaks or stalls.
 */
export async function receiveContribution(
  call: SubmitStream,
  handlers: Handlers,
  limits: ReceiveLimits,
  caller?: Caller,
): Promise<SubmitOutcome> {
  const timer = stallTimer(call, limits.uploadStallMs);
  try {
    const [trace] = call.metadata.get(TRACE_HEADER).map(String);
    return await receive(call[Symbol.asyncIterator](), timer, handlers, limits, { trace, caller });
  } catch (error) {
    if (!(error instanceof BadUpload)) throw error;
    return { verdict: error.verdict, message: error.message };
  } finally {
    timer.stop();
  }
}

async function receive(
  parts: AsyncIterator<SubmitPart>,
  timer: StallTimer,
  handlers: Handlers,
  { maxPayloadBytes }: ReceiveLimits,
  { trace, caller }: { trace: string | undefined; caller: Caller | undefined },
): Promise<SubmitOutcome> {
  const message = await receiveHead(parts, 'header');
  const { factoredBytes } = message;
  if (message.shard === undefined) throw new BadUpload('malformed', 'the header names no shard');
  const begin = readSubmitHeader(message);
  /** Asked before memory is taken. */
  const refusalOf = async (bytes: number): Promise<SubmitOutcome | undefined> => {
    if (bytes > maxPayloadBytes) throw tooLarge(bytes, maxPayloadBytes);
    timer.stop();
    return handlers.admit(begin, bytes, caller);
  };
  const refusal = await refusalOf(factoredBytes);
  if (refusal !== undefined) return refusal;

  const hash = createHash('sha256');
  const factored = await receivePayload(parts, timer, new PayloadBuffer(factoredBytes, hash));
  const factoredSha256 = hash.copy().digest('hex');
  await handlers.factors(begin, { factored, factoredSha256 }, caller);

  timer.restart(COMPUTING); // the rest may still be computed
  const rest = await receiveHead(parts, 'rest');
  const late = await refusalOf(factoredBytes + rest.denseBytes);
  if (late !== undefined) return late;
  const dense = await receivePayload(parts, timer, new PayloadBuffer(rest.denseBytes, hash));
  await receiveEnd(parts, rest.denseBytes);

  const header = { ...begin, ...readSubmitRest(rest, begin) };
  const received = performance.now();
  if (finishContributionHash(hash, header) !== header.sha256) {
    return { verdict: 'wrong-hash', message: 'the bytes that came are not those that were hashed' };
  }
  const hashMs = performance.now() - received;
  const receipt = { hashMs, factoredSha256, ...(trace === undefined ? {} : { trace }) };
  return handlers.submit(header, { factored, dense }, receipt, caller);
}

function tooLarge(payloadBytes: number, maxPayloadBytes: number): BadUpload {
  return new BadUpload(
    'too-large',
    `a payload of ${payloadBytes} bytes; this run's largest has ${maxPayloadBytes}`,
  );
}
