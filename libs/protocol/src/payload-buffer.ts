import type { Hash } from 'node:crypto';
import { LockstepError } from '@lockstep/core';
import type { SharedSpan } from './generated/lockstep/v1/lockstep.js';
import type { PeerMemory } from './shared-memory/shared-memory.js';

/** Collects chunks in one allocation, so that a payload is copied once and 4-byte aligned. */
export class PayloadBuffer {
  readonly #bytes: Buffer<ArrayBuffer>;
  #filled = 0;

  /**
   * @param length in bytes, already checked against a bound
   * @param hash updated with each chunk as it arrives
   */
  constructor(
    length: number,
    private readonly hash?: Hash,
  ) {
    // Not pooled: the only user of its ArrayBuffer, so aligned and transferable to a thread.
    this.#bytes = Buffer.allocUnsafeSlow(length);
  }

  get missing(): number {
    return this.#bytes.length - this.#filled;
  }

  /**
   * @throws LockstepError `protocol-violation` for an empty chunk or one longer than the missing
   * part
   */
  append(chunk: Uint8Array): void {
    this.#mustFit(chunk.length);
    this.#bytes.set(chunk, this.#filled);
    this.hash?.update(chunk);
    this.#filled += chunk.length;
  }

  /**
   * Appends a span of a peer's memory.
   *
   * @returns false if it cannot be read
   * @throws LockstepError `protocol-violation` for an empty span or one longer than the missing part
   */
  appendShared(span: SharedSpan, memory: PeerMemory | undefined): boolean {
    this.#mustFit(span.length);
    const place = this.#bytes.subarray(this.#filled, this.#filled + span.length);
    if (memory?.read(span, place) !== true) return false;
    this.hash?.update(place);
    this.#filled += span.length;
    return true;
  }

  /** The complete payload. @throws LockstepError `protocol-violation` if bytes are missing */
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
