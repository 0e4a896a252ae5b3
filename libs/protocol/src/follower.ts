import { status, type ServerWritableStream } from '@grpc/grpc-js';
import { encodeRefusal, type EncodedMessage, type PassingMessage } from './encoded-message.js';
import type { Refusal } from './messages.js';
import type { SharedRegion } from './shared-memory/shared-memory.js';

/**
 * An open stream to one worker, with its own queue, so that a slow worker does not delay others.
 */
export interface Follower {
  /** Aborted as soon as the stream has ended, from either side. */
  readonly signal: AbortSignal;
  /** Bytes waiting in the queue. */
  readonly queuedBytes: number;
  /**
   * Queues a message; does nothing once the stream has ended. The stream of a follower that is
   * further behind than the server's `maxQueuedBytes`, or two of its largest messages, is ended: it
   * follows again and gets a snapshot.
   */
  send(message: EncodedMessage | PassingMessage): void;
  /** Sends a refusal and ends the stream. */
  refuse(refusal: Refusal): void;
  /** Ends the stream once the queue has been sent. */
  end(): void;
}

/** The call of a stream whose messages are already encoded. */
export type EncodedStream<Request> = ServerWritableStream<Request, Buffer>;

/** A follower over a gRPC stream. */
export class FollowerStream implements Follower {
  readonly signal: AbortSignal;
  readonly #call: EncodedStream<unknown>;
  readonly #maxQueuedBytes: number;
  readonly #ring: SharedRegion | undefined;
  readonly #over = new AbortController();
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #largestBytes = 0;
  #ending = false;
  #blocked = false;

  /**
   * @param maxQueuedBytes how far behind the follower may be, in bytes
   * @param ring shared memory for payloads; without it they are sent over the stream
   */
  constructor(call: EncodedStream<unknown>, maxQueuedBytes: number, ring?: SharedRegion) {
    this.#call = call;
    this.#maxQueuedBytes = maxQueuedBytes;
    this.#ring = ring;
    this.signal = this.#over.signal;
    call.on('drain', () => {
      this.#blocked = false;
      this.#pump();
    });
    for (const event of ['cancelled', 'close', 'error']) call.on(event, () => this.#finish());
    if (call.cancelled) this.#finish();
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  send(message: EncodedMessage | PassingMessage): void {
    if (this.signal.aborted || this.#ending) return;
    // Two messages always fit: the limit is on falling behind, not on the size of the model.
    const most = Math.max(this.#maxQueuedBytes, 2 * this.#largestBytes);
    if (this.#queuedBytes > most) return this.fail(tooFarBehind(this.#queuedBytes));
    const parts = this.#ring && 'through' in message ? message.through(this.#ring) : message.parts;
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    this.#largestBytes = Math.max(this.#largestBytes, bytes);
    this.#queue.push(...parts);
    this.#queuedBytes += bytes;
    this.#pump();
  }

  refuse(refusal: Refusal): void {
    this.send(encodeRefusal(refusal));
    this.end();
  }

  end(): void {
    this.#ending = true;
    this.#pump();
  }

  /** Ends the stream with an error. */
  fail(error: Error): void {
    if (this.signal.aborted) return;
    this.#finish();
    this.#call.emit('error', error);
  }

  #finish(): void {
    this.#queue.length = this.#queuedBytes = 0;
    this.#over.abort();
  }

  #pump(): void {
    while (!this.#blocked && !this.signal.aborted) {
      const part = this.#queue.shift();
      if (part === undefined) break;
      this.#queuedBytes -= part.length;
      this.#blocked = !this.#call.write(part);
    }
    if (this.#ending && this.#queue.length === 0 && !this.signal.aborted) {
      this.#call.end();
      this.#finish();
    }
  }
}

function tooFarBehind(queuedBytes: number): Error {
  const details = `the follower is ${queuedBytes} bytes behind; follow again for a snapshot`;
  return Object.assign(new Error(details), { code: status.UNAVAILABLE, details });
}
