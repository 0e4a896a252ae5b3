import { requestNames } from '@lockstep/protocol';
import type { Log } from '../run/limited-log.js';

/** Counts the messages that the protocol does not allow; logs the first one of each kind. */
export class Violations {
  readonly #log: Log | undefined;
  readonly #counts: Record<string, number>;

  /** @param log absent: nothing is logged */
  constructor(log: Log | undefined) {
    this.#log = log;
    this.#counts = Object.fromEntries(requestNames.map((name) => [name, 0]));
  }

  /** By the message's name in the .proto; all names are present from the start. */
  get counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  /** @param what was wrong with it */
  count(messageName: string, what: string): void {
    const before = this.#counts[messageName] ?? 0;
    this.#counts[messageName] = before + 1;
    // A peer may send any number of them.
    if (before === 0) this.#log?.warn({ message: messageName, reason: what }, 'refused a message');
  }
}
