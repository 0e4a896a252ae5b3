import { status, type ServerReadableStream } from '@grpc/grpc-js';
import { contributionHasher } from '@lockstep/core';
import type { SubmitHeader, SubmitPart, SubmitReply } from './generated/lockstep/v1/lockstep.js';
import type { Caller } from './gate.js';
import type { SubmitOutcome } from './messages.js';
import { PayloadBuffer } from './payload-buffer.js';
import type { ProtocolHandlers } from './protocol-handlers.js';
import { TRACE_HEADER } from './send-contribution.js';
import { readSubmitHeader } from './wire-messages.js';

export interface ReceiveLimits {
  /** Payloads that say they are larger are refused before memory is taken. */
  readonly maxPayloadBytes: number;
  /** How long the next message of a stream may take. */
  readonly uploadStallMs: number;
}

type SubmitStream = ServerReadableStream<SubmitPart, SubmitReply>;

/**
 * Receives one contribution: header, question whether it is wanted, payload, hash, handler.
 * Whatever is wrong with the stream is an outcome; it throws only when the stream breaks or stalls.
 */
export async function receiveContribution(
  call: SubmitStream,
  handlers: Pick<ProtocolHandlers, 'admit' | 'submit'>,
  limits: ReceiveLimits,
  caller?: Caller,
): Promise<SubmitOutcome> {
  const timer = stallTimer(call, limits.uploadStallMs);
  try {
    const [trace] = call.metadata.get(TRACE_HEADER).map(String);
    return await receive(call[Symbol.asyncIterator](), timer, handlers, limits, { trace, caller });
  } finally {
    timer.stop();
  }
}

async function receive(
  parts: AsyncIterator<SubmitPart>,
  timer: StallTimer,
  handlers: Pick<ProtocolHandlers, 'admit' | 'submit'>,
  { maxPayloadBytes }: ReceiveLimits,
  { trace, caller }: { trace: string | undefined; caller: Caller | undefined },
): Promise<SubmitOutcome> {
  const first = await parts.next();
  if (first.done || first.value.part?.$case !== 'header') return malformed('no header came first');
  const message = first.value.part.value;
  const { payloadBytes } = message;
  if (payloadBytes > maxPayloadBytes) return tooLarge(message, maxPayloadBytes);
  if (message.shard === undefined) return malformed('the header names no shard');
  const header = readSubmitHeader(message);
  timer.stop();
  const refusal = await handlers.admit(header, payloadBytes, caller);
  if (refusal !== undefined) return refusal;

  const hash = contributionHasher(header);
  const payload = await receivePayload(parts, timer, new PayloadBuffer(payloadBytes, hash));
  if (!(payload instanceof Uint8Array)) return payload;
  timer.stop();
  const received = performance.now();
  if (hash.digest('hex') !== header.sha256) {
    return { verdict: 'wrong-hash', message: 'the bytes that came are not those that were hashed' };
  }
  const hashMs = performance.now() - received;
  const receipt = { hashMs, ...(trace === undefined ? {} : { trace }) };
  return handlers.submit(header, payload, receipt, caller);
}

async function receivePayload(
  parts: AsyncIterator<SubmitPart>,
  timer: StallTimer,
  payload: PayloadBuffer,
): Promise<Uint8Array<ArrayBuffer> | SubmitOutcome> {
  const payloadBytes = payload.missing;
  for (;;) {
    timer.restart();
    const next = await parts.next();
    if (next.done) break;
    const { part } = next.value;
    if (part?.$case !== 'chunk') return malformed('a message came that is no chunk');
    if (part.value.length === 0) return malformed('an empty chunk came');
    if (part.value.length > payload.missing) {
      return {
        verdict: 'too-large',
        message: `more came than the ${payloadBytes} bytes the header says`,
      };
    }
    payload.append(part.value);
  }
  if (payload.missing > 0) return malformed(`${payload.missing} bytes of the payload are missing`);
  return payload.take();
}

interface StallTimer {
  restart(): void;
  stop(): void;
}

/** Breaks a stream off, with an error, when it is not restarted in time. */
function stallTimer(call: SubmitStream, stallMs: number): StallTimer {
  let timeout: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timeout);
  const breakOff = (): void => {
    const details = `no message for ${stallMs} ms`;
    const code = status.DEADLINE_EXCEEDED;
    call.destroy(Object.assign(new Error(details), { code, details }));
  };
  const restart = (): void => {
    stop();
    timeout = setTimeout(breakOff, stallMs);
  };
  restart();
  return { restart, stop };
}

function malformed(message: string): SubmitOutcome {
  return { verdict: 'malformed', message };
}

function tooLarge({ payloadBytes }: SubmitHeader, maxPayloadBytes: number): SubmitOutcome {
  return {
    verdict: 'too-large',
    message: `a payload of ${payloadBytes} bytes; this run's largest has ${maxPayloadBytes}`,
  };
}
