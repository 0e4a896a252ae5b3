import { LockstepError } from '@lockstep/core';
import type { SharedMemory as Offer } from '../generated/lockstep/v1/lockstep.js';
import { PeerMemory, SharedMemory, type SharedRegion } from './shared-memory.js';

/** The most of one upload that uses shared memory; the rest of a larger one uses the socket. */
const UPLOAD_BYTES = 64 * 1024 * 1024;

/** What a worker shares with a coordinator on its machine, at the worker's end. */
export class SharedWithCoordinator {
  #own: SharedMemory | undefined;
  #theirs: PeerMemory | undefined;
  #offers: boolean;
  readonly #regions = new Map<number, SharedRegion>();

  /** @param enabled whether to offer any memory */
  constructor(enabled: boolean) {
    this.#offers = enabled;
  }

  /** Its own memory, to be offered at the start of a stream; ends what an earlier stream agreed on. */
  offer(): Offer | undefined {
    this.#forget();
    if (this.#offers) this.#own ??= SharedMemory.create();
    return this.#offers ? this.#own?.offer : undefined;
  }

  /**
   * Accepts the coordinator's memory, which shows that the coordinator can read the worker's.
   *
   * @throws LockstepError `protocol-violation` if it cannot be read; no memory is offered from then on
   */
  accept(offer: Offer): void {
    this.#forget();
    this.#theirs = PeerMemory.open(offer);
    if (this.#theirs === undefined) throw this.giveUp("the coordinator's memory cannot be read");
  }

  /** Offers no memory from now on. @returns an error with the reason */
  giveUp(why: string): LockstepError {
    this.#offers = false;
    const remedy = 'nothing: payloads use sockets from now on';
    return new LockstepError('protocol-violation', why, { remedy });
  }

  /** The coordinator's memory, once it is accepted. */
  get current(): PeerMemory | undefined {
    return this.#theirs;
  }

  /** A region of its own memory for one kind of upload, while the coordinator can read it. */
  region(index: number): SharedRegion | undefined {
    if (this.#own === undefined || this.#theirs === undefined) return undefined;
    const region = this.#regions.get(index) ?? this.#own.region(index, UPLOAD_BYTES, false);
    this.#regions.set(index, region);
    return region;
  }

  close(): void {
    this.#forget();
    this.#own?.close();
    this.#own = undefined;
    this.#offers = false;
  }

  #forget(): void {
    this.#theirs?.close();
    this.#theirs = undefined;
  }
}
