import { status } from '@grpc/grpc-js';
import type { Clock } from '@lockstep/core';
import type { PayloadBuffer } from './payload-buffer.js';
import type { SharedSpan } from './generated/lockstep/v1/lockstep.js';
import type { MemoryOf } from './shared-memory/local-peers.js';
import type { PeerMemory } from './shared-memory/shared-memory.js';

/** Bounds of what is received. */
export interface ReceiveLimits {
  /** Larger payloads are refused before memory is allocated for them, in bytes. */
  readonly maxPayloadBytes: number;
  /** How long the next message of an upload may take, in milliseconds. */
  readonly uploadStallMs: number;
}

/** What receiving an upload depends on. */
export interface Reception extends ReceiveLimits {
  /** The shared memory of a sender on this machine. */
  readonly memoryOf: MemoryOf;
  readonly clock: Pick<Clock, 'after'>;
}

/** A message of an upload: a head, or the next bytes of what it announced. */
export interface UploadPart {
  readonly part?: { readonly $case: string; readonly value: unknown } | undefined;
}

/** A fault of an upload, as a verdict and a message. */
export class BadUpload extends Error {
  constructor(
    readonly verdict: 'malformed' | 'too-large',
    message: string,
  ) {
    super(message);
  }
}

type Case<Part extends UploadPart, Name extends string> = Extract<
  NonNullable<Part['part']>,
  { readonly $case: Name }
>['value'];

/** Receives the head that must come next. @throws BadUpload */
export async function receiveHead<Part extends UploadPart, Name extends string>(
  parts: AsyncIterator<Part>,
  name: Name,
): Promise<Case<Part, Name>> {
  const next = await parts.next();
  return headOf(next.done ? {} : next.value, name);
}

/** Checks that a part is a head. @throws BadUpload */
export function headOf<Part extends UploadPart, Name extends string>(
  { part }: Part | { readonly part?: undefined },
  name: Name,
): Case<Part, Name> {
  if (part?.$case === name) return part.value;
  throw new BadUpload('malformed', `expected a ${name}`);
}

/**
 * Receives the payload that a head has announced.
 *
 * @param memory the sender's memory, if it can be read
 * @throws BadUpload
 */
export async function receivePayload(
  parts: AsyncIterator<UploadPart>,
  timer: StallTimer,
  payload: PayloadBuffer,
  memory: PeerMemory | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = payload.missing;
  while (payload.missing > 0) {
    timer.restart();
    const next = await parts.next();
    if (next.done) {
      throw new BadUpload('malformed', `${payload.missing} bytes of the payload are missing`);
    }
    const span = spanOf(next.value);
    const chunk = chunkOf(next.value);
    const piece = span ?? chunk;
    if (piece === undefined) throw new BadUpload('malformed', 'expected a chunk');
    if (piece.length === 0) throw new BadUpload('malformed', 'a chunk is empty');
    if (piece.length > payload.missing) throw tooMuch(announced);
    if (chunk !== undefined) payload.append(chunk);
    else if (span !== undefined && !payload.appendShared(span, memory)) throw notInMemory();
  }
  timer.stop();
  return payload.take();
}

/** Checks that nothing follows the last payload. @throws BadUpload */
export async function receiveEnd(
  parts: AsyncIterator<UploadPart>,
  announced: number,
): Promise<void> {
  const next = await parts.next();
  if (next.done) return;
  if (chunkOf(next.value) === undefined) {
    throw new BadUpload('malformed', 'expected the end of the upload');
  }
  throw tooMuch(announced);
}

function chunkOf({ part }: UploadPart): Uint8Array | undefined {
  return part?.$case === 'chunk' && part.value instanceof Uint8Array ? part.value : undefined;
}

function spanOf({ part }: UploadPart): SharedSpan | undefined {
  return part?.$case === 'shared' ? (part.value as SharedSpan) : undefined;
}

function notInMemory(): BadUpload {
  return new BadUpload('malformed', 'the payload is in shared memory that cannot be read');
}

function tooMuch(announced: number): BadUpload {
  return new BadUpload('too-large', `more than the announced ${announced} bytes`);
}

/** Breaks an upload off, with an error, when its next message takes too long. Runs from the start. */
export class StallTimer {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #stallMs: number;
  readonly #breakOff: (error: Error) => void;
  #cancel: () => void = () => undefined;

  constructor(
    { clock, uploadStallMs }: Pick<Reception, 'clock' | 'uploadStallMs'>,
    breakOff: (error: Error) => void,
  ) {
    this.#clock = clock;
    this.#stallMs = uploadStallMs;
    this.#breakOff = breakOff;
    this.restart();
  }

  /** @param factor multiplies the limit, for a message that may take longer */
  restart(factor = 1): void {
    this.stop();
    const ms = this.#stallMs * factor;
    this.#cancel = this.#clock.after(ms, () => {
      const details = `no message for ${ms} ms`;
      const code = status.DEADLINE_EXCEEDED;
      this.#breakOff(Object.assign(new Error(details), { code, details }));
    });
  }

  stop(): void {
    this.#cancel();
  }
}
