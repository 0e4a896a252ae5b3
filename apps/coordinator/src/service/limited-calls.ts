import type { LimitReached } from '@lockstep/protocol';
import type { LimitedLog } from '../run/limited-log.js';

/** Counts the calls that were ended since a rate limit was reached, and logs them. */
export class LimitedCalls {
  readonly #log: LimitedLog;
  readonly #counts = new Map<string, number>();

  constructor(log: LimitedLog) {
    this.#log = log;
  }

  /** By limit, `<kind>-<scope>`. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  count({ kind, scope, peer }: LimitReached): void {
    const limit = `${kind}-${scope}`;
    const count = (this.#counts.get(limit) ?? 0) + 1;
    this.#counts.set(limit, count);
    this.#log.write('warn', limit, { limit, peer, count }, 'call-limited');
  }
}
