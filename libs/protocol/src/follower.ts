import { status, type ServerWritableStream } from '@grpc/grpc-js';
import { encodeRefusal, type EncodedMessage, type PassingMessage } from './encoded-message.js';
import type { Refusal } from './messages.js';
import type { SharedRegion } from './shared-memory/shared-memory.js';

/** One open stream to one worker, with a queue of its own, so that a slow one delays nobody. */
export interface Follower {
  /** Aborted as soon as the stream is over, whoever ended it. */
  readonly signal: AbortSignal;
  /** Bytes waiting in the queue. */
  readonly queuedBytes: number;
  /**
   * Queues a message behind all others; does nothing once the stream is over. A follower that
   * is further behind than the server's `maxQueuedBytes`, or two of its largest messages, is cut off:
   * it asks again and gets a snapshot.
   */
  send(message: EncodedMessage | PassingMessage): void;
  /** Sends a refusal and ends the stream. */
  refuse(refusal: Refusal): void;
  /** Ends the stream once the queue has been sent. */
  end(): void;
}

/** The call of a stream whose messages come encoded. */
export type EncodedStream<Request> = ServerWritableStream<Request, Buffer>;

/**
 * @param maxQueuedBytes how far behind a follower may be, in bytes
 * @param ring memory that it reads payloads from; without it they go over the stream
 */
export function createFollower(
  call: EncodedStream<unknown>,
  maxQueuedBytes: number,
  ring?: SharedRegion,
): Follower & { fail(error: Error): void } {
  const queue: Buffer[] = [];
  const over = new AbortController();
  let queuedBytes = 0;
  let largestBytes = 0;
  let ending = false;
  let blocked = false;

  const finish = (): void => {
    queue.length = queuedBytes = 0;
    over.abort();
  };
  const pump = (): void => {
    while (!blocked && !over.signal.aborted) {
      const part = queue.shift();
      if (part === undefined) break;
      queuedBytes -= part.length;
      blocked = !call.write(part);
    }
    if (ending && queue.length === 0 && !over.signal.aborted) {
      call.end();
      finish();
    }
  };
  const fail = (error: Error): void => {
    if (over.signal.aborted) return;
    finish();
    call.emit('error', error);
  };
  call.on('drain', () => {
    blocked = false;
    pump();
  });
  for (const event of ['cancelled', 'close', 'error']) call.on(event, finish);
  if (call.cancelled) finish();

  return {
    signal: over.signal,
    get queuedBytes() {
      return queuedBytes;
    },
    send(message) {
      if (over.signal.aborted || ending) return;
      // Two messages always fit: the bound is on falling behind, not on a model's size.
      const most = Math.max(maxQueuedBytes, 2 * largestBytes);
      if (queuedBytes > most) return fail(tooFarBehind(queuedBytes));
      const parts = ring && 'through' in message ? message.through(ring) : message.parts;
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      largestBytes = Math.max(largestBytes, bytes);
      queue.push(...parts);
      queuedBytes += bytes;
      pump();
    },
    refuse(refusal) {
      this.send(encodeRefusal(refusal));
      this.end();
    },
    end() {
      ending = true;
      pump();
    },
    fail,
  };
}

function tooFarBehind(queuedBytes: number): Error {
  const details = `the follower is ${queuedBytes} bytes behind; follow again for a snapshot`;
  return Object.assign(new Error(details), { code: status.UNAVAILABLE, details });
}
