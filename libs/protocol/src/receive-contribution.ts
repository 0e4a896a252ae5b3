import type { ServerDuplexStream } from '@grpc/grpc-js';
import { createHash, type Hash } from 'node:crypto';
import type { SubmitPart, SubmitReply } from './generated/lockstep/v1/lockstep.js';
import type { ContributionBegin, SubmitOutcome } from './messages.js';
import { PayloadBuffer } from './payload-buffer.js';
import type { Caller, ProtocolHandlers } from './protocol-handlers.js';
import {
  BadUpload,
  headOf,
  receiveHead,
  receivePayload,
  StallTimer,
  type Reception,
} from './receive-payload.js';
import { failStream, nextUnlessEnding } from './streams.js';
import { readSubmitHeader, readSubmitRest, writeSubmitOutcome } from './wire-messages.js';

type Handlers = Pick<ProtocolHandlers, 'admit' | 'factors' | 'submit'>;
/** Multiplier on `uploadStallMs` while the worker is still computing. */
const COMPUTING = 10;

export type SubmitStream = Pick<
  ServerDuplexStream<SubmitPart, SubmitReply>,
  'emit' | 'end' | 'iterator' | 'write'
>;

/**
 * Receives contributions until the sender ends the stream. Of each it reads the header, asks the
 * handler to admit it, reads the factored section and passes it on at once, reads the dense
 * section and calls the handler, which verifies the contribution, for the result. A fault of a
 * contribution is its outcome, which may be sent before its end; the function throws only if the stream
 * breaks or a contribution stalls.
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
    // The rest of a contribution that was refused before its end.
    if (isCutShort && next.value.part?.$case !== 'header') continue;
    const timer = new StallTimer(reception, (error) => failStream(call, error));
    const receiving = new Receiving(parts, timer, { handlers, reception, caller });
    const outcome = await receiving
      .receive(next.value)
      .catch(outcomeOf)
      .finally(() => timer.stop());
    isCutShort = !receiving.hasComeWhole;
    call.write(writeSubmitOutcome(outcome));
  }
}

/** @throws errors that are not the sender's fault */
function outcomeOf(error: unknown): SubmitOutcome {
  if (!(error instanceof BadUpload)) throw error;
  return { verdict: error.verdict, message: error.message };
}

/** One contribution while it is received. */
class Receiving {
  readonly #parts: AsyncIterator<SubmitPart>;
  readonly #timer: StallTimer;
  readonly #handlers: Handlers;
  readonly #reception: Reception;
  readonly #caller: Caller | undefined;
  hasComeWhole = false;

  constructor(
    parts: AsyncIterator<SubmitPart>,
    timer: StallTimer,
    to: { handlers: Handlers; reception: Reception; caller: Caller | undefined },
  ) {
    this.#parts = parts;
    this.#timer = timer;
    this.#handlers = to.handlers;
    this.#reception = to.reception;
    this.#caller = to.caller;
  }

  /** @throws BadUpload for a mistake of the sender */
  async receive(first: SubmitPart): Promise<SubmitOutcome> {
    const message = headOf(first, 'header');
    const { factoredBytes, trace } = message;
    const begin = readSubmitHeader(message);
    const refusal = await this.#refusalOf(begin, factoredBytes);
    if (refusal !== undefined) return refusal;
    const hash = createHash('sha256');
    const factored = await this.#payload(begin.session, factoredBytes, hash);
    const factoredSha256 = hash.digest('hex');
    await this.#handlers.factors(begin, { factored, factoredSha256 }, this.#caller);

    this.#timer.restart(COMPUTING);
    const rest = await receiveHead(this.#parts, 'rest');
    const late = await this.#refusalOf(begin, factoredBytes + rest.denseBytes);
    if (late !== undefined) return late;
    const dense = await this.#payload(begin.session, rest.denseBytes);
    this.hasComeWhole = true;

    const header = { ...begin, ...readSubmitRest(rest, begin) };
    const receipt = { factoredSha256, ...(trace === undefined ? {} : { trace }) };
    return this.#handlers.submit(header, { factored, dense }, receipt, this.#caller);
  }

  /** Asks the handler before memory is allocated. */
  async #refusalOf(begin: ContributionBegin, bytes: number): Promise<SubmitOutcome | undefined> {
    const { maxPayloadBytes } = this.#reception;
    if (bytes > maxPayloadBytes) throw tooLarge(bytes, maxPayloadBytes);
    this.#timer.stop();
    return this.#handlers.admit(begin, bytes, this.#caller);
  }

  #payload(session: string, bytes: number, hash?: Hash): Promise<Uint8Array<ArrayBuffer>> {
    const memory = this.#reception.memoryOf(session, this.#caller);
    return receivePayload(this.#parts, this.#timer, new PayloadBuffer(bytes, hash), memory);
  }
}

function tooLarge(payloadBytes: number, maxPayloadBytes: number): BadUpload {
  return new BadUpload(
    'too-large',
    `a payload of ${payloadBytes} bytes; this run's largest has ${maxPayloadBytes}`,
  );
}
