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
  /** Payloads that say they are larger are refused before memory is taken. */
  readonly maxPayloadBytes: number;
  /** How long the next message of a stream may take. */
  readonly uploadStallMs: number;
}

/** What it takes to receive an upload. */
export interface Reception extends ReceiveLimits {
  /** Where bytes may be that are not in its messages. */
  readonly memoryOf: MemoryOf;
}

type Handlers = Pick<ProtocolHandlers, 'admit' | 'factors' | 'submit'>;
/** Times longer than a message may take that the rest of a contribution may. */
const COMPUTING = 10;

type SubmitStream = Pick<
  ServerDuplexStream<SubmitPart, SubmitReply>,
  'emit' | 'end' | 'iterator' | 'write'
>;

/**
 * Receives contributions until their sender ends: of each the header, the question whether it is
 * wanted, the factored section, which is told of at once, the rest with the dense section, hash and
 * handler. Whatever is wrong with one is its outcome, which may come before its end; it throws only
 * when the stream breaks or a contribution stalls.
 *
 * @param ending aborted when no further one is to begin
 */
export async function receiveContributions(
  call: SubmitStream,
  handlers: Handlers,
  reception: Reception,
  ending: AbortSignal,
  caller?: Caller,
): Promise<void> {
  // The end of what comes is not the end of the call: its status is still to be sent.
  const parts: AsyncIterator<SubmitPart> = call.iterator({ destroyOnReturn: false });
  let isCutShort = false;
  while (!ending.aborted) {
    const next = await nextUnlessEnding(parts, call, ending);
    if (next.done) return;
    // The rest of one that was answered before its end.
    if (isCutShort && next.value.part?.$case !== 'header') continue;
    isCutShort = true;
    const cameWhole = (): void => void (isCutShort = false);
    const timer = stallTimer((error) => failStream(call, error), reception.uploadStallMs);
    const outcome = await receive(next.value, parts, timer, cameWhole, handlers, reception, caller)
      .catch(outcomeOf)
      .finally(timer.stop);
    call.write(writeSubmitOutcome(outcome));
  }
}

/** @throws what is not the sender's mistake */
function outcomeOf(error: unknown): SubmitOutcome {
  if (!(error instanceof BadUpload)) throw error;
  return { verdict: error.verdict, message: error.message };
}

async function receive(
  first: SubmitPart,
  parts: AsyncIterator<SubmitPart>,
  timer: StallTimer,
  cameWhole: () => void,
  handlers: Handlers,
  { maxPayloadBytes, memoryOf }: Reception,
  caller: Caller | undefined,
): Promise<SubmitOutcome> {
  const message = headOf(first, 'header');
  const { factoredBytes, trace } = message;
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
  const memory = memoryOf(begin.session, caller);
  const receiveBytes = (bytes: number): Promise<Uint8Array<ArrayBuffer>> =>
    receivePayload(parts, timer, new PayloadBuffer(bytes, hash), memory);
  const factored = await receiveBytes(factoredBytes);
  const factoredSha256 = hash.copy().digest('hex');
  await handlers.factors(begin, { factored, factoredSha256 }, caller);

  timer.restart(COMPUTING); // the rest may still be computed
  const rest = await receiveHead(parts, 'rest');
  const late = await refusalOf(factoredBytes + rest.denseBytes);
  if (late !== undefined) return late;
  const dense = await receiveBytes(rest.denseBytes);
  cameWhole();

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
