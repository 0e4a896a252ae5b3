import type { Clock } from '@lockstep/core';

/**
 * How much longer a worker waits for a coordinator that cannot be reached: one allowance for all calls
 * until the worker computes, so that a coordinator that answers some of them and then dies, again and
 * again, is not waited for without end.
 */
export class Patience {
  readonly #clock: Pick<Clock, 'monotonicNow'>;
  readonly #limitMs: number;
  /** When the wait began, later by the time that did not count. */
  #since: number;

  /** @param limitMs milliseconds; Infinity for a wait without limit */
  constructor(clock: Pick<Clock, 'monotonicNow'>, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#since = clock.monotonicNow();
  }

  /** Whether another attempt may be made. */
  get lasts(): boolean {
    return this.#clock.monotonicNow() - this.#since < this.#limitMs;
  }

  /** The whole allowance is available again. */
  renew(): void {
    this.#since = this.#clock.monotonicNow();
  }

  /** Does work that is not waiting for the coordinator. */
  async without<Value>(work: () => Promise<Value>): Promise<Value> {
    const began = this.#clock.monotonicNow();
    try {
      return await work();
    } finally {
      this.#since += this.#clock.monotonicNow() - began;
    }
  }
}
