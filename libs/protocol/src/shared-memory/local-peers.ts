import { hostOf, isLoopback } from '@lockstep/core';
import type { Caller } from '../gate.js';
import type { FollowRequest, SharedMemory as Offer } from '../generated/lockstep/v1/lockstep.js';
import {
  createSharedMemory,
  openPeerMemory,
  type PeerMemory,
  type SharedMemory,
  type SharedRegion,
} from './shared-memory.js';

/** How far a follower may be behind before what it is told of is overwritten. */
const RING_BYTES = 64 * 1024 * 1024;

/** The memory of the worker that has a session, where it can be read and the caller is that worker. */
export type MemoryOf = (session: string, caller: Caller | undefined) => PeerMemory | undefined;

/** Workers on the coordinator's machine, whose payloads go through memory instead of sockets. */
export interface LocalPeers {
  /**
   * Opens the memory that a follower offers.
   *
   * @returns undefined where it offers none, or none that can be read here
   */
  meet(request: FollowRequest, caller: Caller): LocalPeer | undefined;
  readonly memoryOf: MemoryOf;
  close(): void;
}

export interface LocalPeer {
  /** The coordinator's memory, for it to open. */
  readonly offer: Offer;
  /** Where followers' payloads go: one for all of them. */
  readonly ring: SharedRegion;
  /** Its memory is needed no longer. */
  leave(): void;
}

export function createLocalPeers(): LocalPeers {
  const memories = new Map<string, { memory: PeerMemory; holder: string | undefined }>();
  let own: { memory: SharedMemory; ring: SharedRegion } | undefined;
  const share = (): typeof own => {
    const memory = createSharedMemory();
    return memory && { memory, ring: memory.region(0, RING_BYTES, true) };
  };
  return {
    meet: ({ session, memory }, { peer, holder }) => {
      if (memory === undefined || !isLoopback(hostOf(peer))) return undefined;
      const theirs = openPeerMemory(memory);
      if (theirs === undefined) return undefined;
      own ??= share();
      if (own === undefined) {
        theirs.close();
        return undefined;
      }
      memories.set(session, { memory: theirs, holder });
      const leave = (): void => {
        if (memories.get(session)?.memory === theirs) memories.delete(session);
        theirs.close();
      };
      return { offer: own.memory.offer, ring: own.ring, leave };
    },
    memoryOf: (session, caller) => {
      const known = memories.get(session);
      return known?.holder === caller?.holder ? known?.memory : undefined;
    },
    close: () => {
      own?.memory.close();
      own = undefined;
    },
  };
}
