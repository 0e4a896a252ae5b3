import type { ServerDuplexStream } from '@grpc/grpc-js';
import { createHash } from 'node:crypto';
import { finishContributionHash } from '@lockstep/core';
import type { SubmitPart, SubmitReply } from './generated/lockstep/v1/lockstep.js';
import type { Caller } from './gate.js';
import type { SubmitOutcome } from './messages.js';
import { PayloadBuffer } from './payload-buffer.js';
import type { ProtocolHandlers } from './protocol-handlers.js';
import {
  BadUpload,
  headOf,
  receiveHead,
  receivePayload,
  stallTimer,
  type StallTimer,
} from './receive-payload.js';
import type { MemoryOf } from './shared-memory/local-peers.js';
import { failStream, nextUnlessEnding } from './streams.js';
import { readSubmitHeader, readSubmitRest, writeSubmitOutcome } from './wire-messages.js';

export interface ReceiveLimits {
  /** Payloads that announce more are refused before memory is allocated. */
  readonly maxPayloadBytes: number;
  /** How long the next message of a stream may take. */
  readonly uploadStallMs: number;
}

/** Settings for receiving uploads. */
export interface Reception extends ReceiveLimits {
  /** Finds the sender's shared memory. */
  readonly memoryOf: MemoryOf;
}

type Handlers = Pick<ProtocolHandlers, 'admit' | 'factors' | 'submit'>;
/** Multiplier on `uploadStallMs` while the worker is still computing the dense section. */
const COMPUTING_STALL_FACTOR = 10;

type SubmitStream = Pick<
  ServerDuplexStream<SubmitPart, SubmitReply>,
  'emit' | 'end' | 'iterator' | 'write'
>;

/**
 * Receives contributions until the sender ends the stream. Of each it reads the header, asks the
 * handler to admit it, reads the factored section and passes it on at once, reads the dense
 * section, checks the hash and calls the handler. A fault of a contribution is its outcome, which
 * may be sent before its end; the function throws only if the stream breaks or a contribution
 * stalls.
 *
 * @param ending aborted when no further contribution is to be received
 */
export async function receiveContributions(
  call: SubmitStream,
  handlers: Handlers,
  reception: Reception,
  ending: AbortSignal,
  caller?: Caller,
): Promise<void> {
  // The end of the parts is not the end of the call: its status is still to be sent.
  const parts: AsyncIterator<SubmitPart> = call.iterator({ destroyOnReturn: false });
  let isCutShort = false;
  while (!ending.aborted) {
    const next = await nextUnlessEnding(parts, call, ending);
    if (next.done) return;
    // The remaining parts of a contribution whose outcome was sent early.
    if (isCutShort && next.value.part?.$case !== 'header') continue;
    isCutShort = true;
    const timer = stallTimer((error) => failStream(call, error), reception.uploadStallMs);
    const upload = {
      ...{ first: next.value, parts, timer, handlers, reception, caller },
      onComplete: () => void (isCutShort = false),
    };
    const outcome = await receive(upload).catch(outcomeOf).finally(timer.stop);
    call.write(writeSubmitOutcome(outcome));
  }
}

/** @throws errors that are not the sender's fault */
function outcomeOf(error: unknown): SubmitOutcome {
  if (!(error instanceof BadUpload)) throw error;
  return { verdict: error.verdict, message: error.message };
}

/** A contribution that is being received. */
interface ContributionUpload {
  /** Its header. */
  readonly first: SubmitPart;
  /** The parts after it. */
  readonly parts: AsyncIterator<SubmitPart>;
  readonly timer: StallTimer;
  readonly handlers: Handlers;
  readonly reception: Reception;
  readonly caller: Caller | undefined;
  /** Called when all its bytes have arrived. */
  readonly onComplete: () => void;
}

async function receive(upload: ContributionUpload): Promise<SubmitOutcome> {
  const { first, parts, timer, handlers, reception, caller } = upload;
  const { maxPayloadBytes, memoryOf } = reception;
  const message = headOf(first, 'header');
  const { factoredBytes, trace } = message;
  if (message.shard === undefined) throw new BadUpload('malformed', 'the header names no shard');
  const begin = readSubmitHeader(message);
  /** Called before memory is allocated. */
  const refusalOf = async (bytes: number): Promise<SubmitOutcome | undefined> => {
    if (bytes > maxPayloadBytes) throw tooLarge(bytes, maxPayloadBytes);
    timer.stop();
    return handlers.admit(begin, bytes, caller);
  };
  const refusal = await refusalOf(factoredBytes);
  if (refusal !== undefined) return refusal;

  const hash = createHash('sha256');
  const memory = memoryOf(begin.session, caller);
  const receiveBytes = (bytes: number): Promise<Uint8Array<ArrayBuffer>> =>
    receivePayload(parts, timer, new PayloadBuffer(bytes, hash), memory);
  const factored = await receiveBytes(factoredBytes);
  const factoredSha256 = hash.copy().digest('hex');
  await handlers.factors(begin, { factored, factoredSha256 }, caller);

  timer.restart(COMPUTING_STALL_FACTOR); // the worker may still be computing
  const rest = await receiveHead(parts, 'rest');
  const late = await refusalOf(factoredBytes + rest.denseBytes);
  if (late !== undefined) return late;
  const dense = await receiveBytes(rest.denseBytes);
  upload.onComplete();

  const header = { ...begin, ...readSubmitRest(rest, begin) };
  const received = performance.now();
  if (finishContributionHash(hash, header) !== header.sha256) {
    return { verdict: 'wrong-hash', message: 'the bytes do not match their hash' };
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
