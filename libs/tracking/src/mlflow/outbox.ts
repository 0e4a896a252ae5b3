export interface OutboxOptions<Item> {
  /** Sends some items; if it rejects, they are sent again. */
  readonly send: (items: readonly Item[], signal: AbortSignal) => Promise<void>;
  /** Called when sending begins to fail, once until it succeeds again. */
  readonly failing: (error: unknown) => void;
  /** Maximum number of items kept. */
  readonly most: number;
  /** Maximum number of items sent at once. */
  readonly batch: number;
  readonly everyMs: number;
  /** The longest time between two attempts. */
  readonly longestMs: number;
}

/**
 * A queue of items for a receiver that may be unreachable: they are sent in order, with back-off on
 * failure.
 */
export class Outbox<Item> {
  readonly #options: OutboxOptions<Item>;
  readonly #ending = new AbortController();
  #waiting: Item[] = [];
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #closing = false;

  constructor(options: OutboxOptions<Item>) {
    this.#options = options;
  }

  /** Keeps an item until it is sent; the oldest are dropped when too many wait. */
  put(item: Item): void {
    const { most, batch } = this.#options;
    this.#waiting.push(item);
    // Drop blocks: shifting the array for every item would cost more than the memory saved.
    if (this.#waiting.length > most + batch) this.#waiting = this.#waiting.slice(-most);
    this.#schedule();
  }

  /** Sends the waiting items, for `graceMs` at most, and stops. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    const late = setTimeout(() => this.#ending.abort(new Error('closed')), graceMs);
    await this.#working;
    await this.#flush();
    clearTimeout(late);
    this.#ending.abort(new Error('closed'));
  }

  #schedule(): void {
    if (this.#timer || this.#closing) return;
    const { everyMs, longestMs } = this.#options;
    const ms = Math.min(longestMs, everyMs * 2 ** Math.min(this.#failures, 20));
    this.#timer = setTimeout(() => {
      this.#working = this.#flush().finally(() => {
        this.#timer = undefined;
        if (this.#waiting.length > 0) this.#schedule();
      });
    }, ms);
    this.#timer.unref();
  }

  async #flush(): Promise<void> {
    const { send, failing, batch } = this.#options;
    const { signal } = this.#ending;
    while (this.#waiting.length > 0 && !signal.aborted) {
      const items = this.#waiting.slice(0, batch);
      try {
        await send(items, signal);
        this.#failures = 0;
      } catch (error) {
        this.#failures += 1;
        if (this.#failures === 1 && !signal.aborted) failing(error);
        return;
      }
      // Some may have been dropped meanwhile, from the same end.
      const sent = new Set(items);
      this.#waiting = this.#waiting.filter((item) => !sent.has(item));
    }
  }
}
