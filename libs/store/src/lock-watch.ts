import type { Clock } from '@lockstep/core';
import type { Disk } from './disk.js';
import { hasChanged, isVacant, LEASE_MS, thisProcess, type LockTaker } from './run-lock.js';
import { readLastTerm, type LastTerm } from './term-files.js';

/** Observes whether a coordinator leads a run, without taking the run over. */
export class LockWatch {
  readonly #clock: Pick<Clock, 'now' | 'monotonicNow'>;
  readonly #taker: LockTaker;
  #seen:
    { readonly last: LastTerm; readonly since: number; readonly isChange: boolean } | undefined;

  constructor(clock: Pick<Clock, 'now' | 'monotonicNow'>, taker: LockTaker = thisProcess) {
    this.#clock = clock;
    this.#taker = taker;
  }

  /**
   * Whether the run is being led, as far as it has been observed. A writer on another host is first
   * judged by the time in its record; from the second look on, only by whether its record changes.
   */
  async isBeingWritten(disk: Disk): Promise<boolean> {
    const now = this.#clock.monotonicNow();
    const last = await readLastTerm(disk);
    if (isVacant(last, this.#taker)) return false;
    const isChange = this.#seen !== undefined && hasChanged(this.#seen.last, last);
    const seen = this.#seen && !isChange ? this.#seen : { last, since: now, isChange };
    this.#seen = seen;
    if (now - seen.since >= LEASE_MS) return false;
    return seen.isChange || this.#clock.now() - (last.record?.at ?? 0) < LEASE_MS;
  }
}
