import { RateLimits, type Rate } from '@lockstep/core';
import type { Logger } from 'pino';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

/** Lines of one kind. */
const LINES: Rate = { perSecond: 1, burst: 100 };

/**
 * A log of what other processes cause: at most so many lines of a kind per second. The next line that
 * is written has the number of those `omitted` before it.
 */
export class LimitedLog {
  readonly #log: Log | undefined;
  readonly #now: () => number;
  readonly #limits = new RateLimits(LINES);
  readonly #omitted = new Map<string, number>();

  /**
   * @param log absent: nothing is logged
   * @param now monotonic, in milliseconds
   */
  constructor(log: Log | undefined, now = (): number => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /** @param kind from a small set: no text of another process */
  write(level: 'info' | 'warn' | 'error', kind: string, fields: object, message: string): void {
    const omitted = this.#omitted.get(kind) ?? 0;
    if (this.#limits.of(kind).take(this.#now()) > 0) {
      this.#omitted.set(kind, omitted + 1);
      return;
    }
    this.#omitted.delete(kind);
    this.#log?.[level](omitted === 0 ? fields : { ...fields, omitted }, message);
  }
}
