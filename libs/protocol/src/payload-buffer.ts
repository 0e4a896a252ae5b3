import type { Hash } from 'node:crypto';
import { LockstepError } from '@lockstep/core';

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
    if (chunk.length === 0 || chunk.length > this.missing) {
      throw new LockstepError(
        'protocol-violation',
        `a chunk of ${chunk.length} bytes came where ${this.missing} were missing`,
      );
    }
    this.#bytes.set(chunk, this.#filled);
    this.hash.update(chunk);
    this.#filled += chunk.length;
  }

  /**
   * Has the next bytes put into their place by somebody else.
   *
   * @param length 1 to what is missing
   * @param put returns whether it could
   * @returns what `put` returned
   */
  fill(length: number, put: (place: Uint8Array) => boolean): boolean {
    const place = this.#bytes.subarray(this.#filled, this.#filled + length);
    if (!put(place)) return false;
    this.hash.update(place);
    this.#filled += length;
    return true;
  }

  /** The payload; every byte of it must have been appended. */
  take(): Uint8Array<ArrayBuffer> {
    if (this.missing > 0) {
      throw new LockstepError('protocol-violation', `${this.missing} bytes are missing`);
    }
    return new Uint8Array(this.#bytes.buffer);
  }
}
