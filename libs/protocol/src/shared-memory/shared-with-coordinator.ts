import { LockstepError } from '@lockstep/core';
import type { SharedMemory as Offer } from '../generated/lockstep/v1/lockstep.js';
import {
  createSharedMemory,
  openPeerMemory,
  type PeerMemory,
  type SharedMemory,
  type SharedRegion,
} from './shared-memory.js';

/** What of one upload goes through memory at most; the rest of a larger one goes over the socket. */
const UPLOAD_BYTES = 64 * 1024 * 1024;

/** What a worker shares with a coordinator on its machine, from its own end. */
export interface SharedWithCoordinator {
  /** Its own memory, to be offered as a stream begins; what an earlier stream agreed on is over. */
  offer(): Offer | undefined;
  /**
   * The coordinator can read it, and this is the coordinator's.
   *
   * @throws LockstepError `protocol-violation` when that cannot be read; none is offered from then on
   */
  accept(offer: Offer): void;
  /** Offers none from now on. @returns the error that says so, and why */
  giveUp(why: string): LockstepError;
  /** The coordinator's, once it is accepted. */
  readonly current: PeerMemory | undefined;
  /** A part of its own for one kind of upload, while the coordinator can read it. */
  region(index: number): SharedRegion | undefined;
  close(): void;
}

/** @param wanted whether to offer any */
export function shareWithCoordinator(wanted: boolean): SharedWithCoordinator {
  let own: SharedMemory | undefined;
  let theirs: PeerMemory | undefined;
  let offers = wanted;
  const regions = new Map<number, SharedRegion>();
  const forget = (): void => {
    theirs?.close();
    theirs = undefined;
  };
  const giveUp = (why: string): LockstepError => {
    offers = false;
    const remedy = 'nothing: payloads go through sockets from now on';
    return new LockstepError('protocol-violation', why, { remedy });
  };
  return {
    offer: () => {
      forget();
      if (offers) own ??= createSharedMemory();
      return offers ? own?.offer : undefined;
    },
    accept: (offer) => {
      forget();
      theirs = openPeerMemory(offer);
      if (theirs === undefined) throw giveUp("the coordinator's memory cannot be read");
    },
    giveUp,
    get current() {
      return theirs;
    },
    region: (index) => {
      if (own === undefined || theirs === undefined) return undefined;
      const region = regions.get(index) ?? own.region(index, UPLOAD_BYTES, false);
      regions.set(index, region);
      return region;
    },
    close: () => {
      forget();
      own?.close();
      own = undefined;
      offers = false;
    },
  };
}
