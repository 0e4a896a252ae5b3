/** A mean rate, and how many may come at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Tolerates the rounding of sums of intervals, in milliseconds. */
const ROUNDING_MS = 1e-3;

/**
 * Counts against a rate, by the generic cell rate algorithm (ITU-T I.371): one number of state, and no
 * timer.
 */
export class RateLimit {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  /** When everything counted so far has been paid for at the mean rate. */
  #paidAt = -Infinity;

  constructor({ perSecond, burst }: Rate) {
    this.#intervalMs = 1_000 / perSecond;
    this.#burstMs = burst * this.#intervalMs + ROUNDING_MS;
  }

  /**
   * Counts one more, if the rate allows it.
   *
   * @param now monotonic, in milliseconds
   * @returns 0 if it was counted; else the milliseconds until one more is allowed
   */
  take(now: number): number {
    const paidAt = Math.max(this.#paidAt, now) + this.#intervalMs;
    const waitMs = paidAt - now - this.#burstMs;
    if (waitMs > 0) return waitMs;
    this.#paidAt = paidAt;
    return 0;
  }
}

/** A limit for each key. Of too many keys, those unused for longest are forgotten. */
export class RateLimits {
  readonly #rate: Rate;
  readonly #mostKeys: number;
  /** Those used last at the end. */
  readonly #limits = new Map<string, RateLimit>();

  constructor(rate: Rate, mostKeys = 10_000) {
    this.#rate = rate;
    this.#mostKeys = mostKeys;
  }

  get size(): number {
    return this.#limits.size;
  }

  of(key: string): RateLimit {
    const limit = this.#limits.get(key) ?? new RateLimit(this.#rate);
    this.#limits.delete(key);
    this.#limits.set(key, limit);
    const [oldest] = this.#limits.keys();
    if (this.#limits.size > this.#mostKeys && oldest !== undefined) this.#limits.delete(oldest);
    return limit;
  }
}
