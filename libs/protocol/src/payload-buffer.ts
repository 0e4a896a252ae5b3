import type { Hash } from 'node:crypto';
import { LockstepError } from '@lockstep/core';
import type { SharedSpan } from './generated/lockstep/v1/lockstep.js';
import type { PeerMemory } from './shared-memory/shared-memory.js';

/**
 * Collects chunks into one allocation, so that a payload is copied once and 4-byte aligned. Each is
 * hashed as it comes, while the next is still on its way.
 */
export class PayloadBuffer {
  readonly #bytes: Buffer<ArrayBuffer>;
  #filled = 0;

  /**
   * @param length in bytes, already checked against a bound
   * @param hash told of every byte, in order
   */
  constructor(
    length: number,
    private readonly hash: Hash,
  ) {
    // Not pooled: alone in its ArrayBuffer, so aligned and free to be transferred to a thread.
    this.#bytes = Buffer.allocUnsafeSlow(length);
  }

  get missing(): number {
    return this.#bytes.length - this.#filled;
  }

  /** @throws LockstepError `protocol-violation` for a chunk that is empty or more than is missing */
  append(chunk: Uint8Array): void {
    this.#mustFit(chunk.length);
    this.#bytes.set(chunk, this.#filled);
    this.hash.update(chunk);
    this.#filled += chunk.length;
  }

  /**
   * Appends what is in somebody's memory.
   *
   * @returns false when it cannot be read there
   * @throws LockstepError `protocol-violation` for a span that is empty or more than is missing
   */
  appendShared(span: SharedSpan, memory: PeerMemory | undefined): boolean {
    this.#mustFit(span.length);
    const place = this.#bytes.subarray(this.#filled, this.#filled + span.length);
    if (memory?.read(span, place) !== true) return false;
    this.hash.update(place);
    this.#filled += span.length;
    return true;
  }

  /** The payload; every byte of it must have been appended. */
  take(): Uint8Array<ArrayBuffer> {
    if (this.missing > 0) {
      throw new LockstepError('protocol-violation', `${this.missing} bytes are missing`);
    }
    return new Uint8Array(this.#bytes.buffer);
  }

  #mustFit(length: number): void {
    if (length > 0 && length <= this.missing) return;
    throw new LockstepError(
      'protocol-violation',
      `a chunk of ${length} bytes came where ${this.missing} were missing`,
    );
  }
}
