import { isFull } from '@lockstep/store';
import { type Clock, LockstepError } from '@lockstep/core';
import { unlessAborted } from './run-end.js';

const RETRY_MS = 1_000;

/** Writes that wait for room on the disk instead of failing, all of a run's. */
export interface RoomOnDisk {
  /**
   * Does `work`, and does it again every second for as long as it fails with `disk-full`.
   *
   * @throws what else `work` throws; the signal's reason once the run is ending
   */
  untilRoom<Value>(work: () => Value | Promise<Value>): Promise<Value>;
}

/**
 * @param full told when the first write finds no room
 * @param freed told when all writes that had to wait are done
 * @param ending aborted when nobody can wait any more
 */
export function createRoomOnDisk(parts: {
  readonly clock: Clock;
  readonly ending: AbortSignal;
  readonly full: (reason: string) => void;
  readonly freed: () => void;
}): RoomOnDisk {
  let waiting = 0;

  const wait = async <Value>(
    work: () => Value | Promise<Value>,
    error: LockstepError,
  ): Promise<Value> => {
    if (waiting === 0)
      parts.full(`${error.message}: free some space and the run goes on by itself`);
    waiting += 1;
    try {
      for (;;) {
        await unlessAborted(parts.ending, parts.clock.sleep(RETRY_MS));
        try {
          return await work();
        } catch (again) {
          if (!isFull(again)) throw again;
        }
      }
    } finally {
      waiting -= 1;
      if (waiting === 0) parts.freed();
    }
  };

  return {
    untilRoom: async (work) => {
      try {
        return await work();
      } catch (error) {
        if (!isFull(error) || parts.ending.aborted) throw error;
        return wait(work, error);
      }
    },
  };
}
