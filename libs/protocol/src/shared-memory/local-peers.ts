import { hostOf, isLoopback } from '@lockstep/core';
import type { Caller } from '../protocol-handlers.js';
import type { FollowRequest, SharedMemory as Offer } from '../generated/lockstep/v1/lockstep.js';
import { PeerMemory, SharedMemory, type SharedRegion } from './shared-memory.js';

/** Size of the ring: how far a follower may be behind before its payloads are overwritten. */
const RING_BYTES = 64 * 1024 * 1024;

/** The memory of a session's worker, if it can be read and the caller is that worker. */
export type MemoryOf = (session: string, caller: Caller | undefined) => PeerMemory | undefined;

export interface LocalPeer {
  /** The coordinator's memory, for the worker to open. */
  readonly offer: Offer;
  /** Where payloads are written, shared by all followers. */
  readonly ring: SharedRegion;
  /** Releases the worker's memory. */
  leave(): void;
}

/** Workers on the coordinator's machine, whose payloads use shared memory instead of sockets. */
export class LocalPeers {
  readonly #memories = new Map<string, { memory: PeerMemory; holder: string | undefined }>();
  #own: { readonly memory: SharedMemory; readonly ring: SharedRegion } | undefined;

  /**
   * Opens the memory that a follower offers.
   *
   * @returns undefined if it offers none, none that can be read here, or for another's session
   */
  meet({ session, memory }: FollowRequest, { peer, holder }: Caller): LocalPeer | undefined {
    if (memory === undefined || !isLoopback(hostOf(peer))) return undefined;
    const known = this.#memories.get(session);
    if (known && known.holder !== holder) return undefined;
    const theirs = PeerMemory.open(memory);
    if (theirs === undefined) return undefined;
    const own = (this.#own ??= createRing());
    if (own === undefined) {
      theirs.close();
      return undefined;
    }
    this.#memories.set(session, { memory: theirs, holder });
    const leave = (): void => {
      if (this.#memories.get(session)?.memory === theirs) this.#memories.delete(session);
      theirs.close();
    };
    return { offer: own.memory.offer, ring: own.ring, leave };
  }

  readonly memoryOf: MemoryOf = (session, caller) => {
    const known = this.#memories.get(session);
    return known?.holder === caller?.holder ? known?.memory : undefined;
  };

  close(): void {
    this.#own?.memory.close();
    this.#own = undefined;
  }
}

function createRing(): { memory: SharedMemory; ring: SharedRegion } | undefined {
  const memory = SharedMemory.create();
  return memory && { memory, ring: memory.region(0, RING_BYTES, true) };
}
