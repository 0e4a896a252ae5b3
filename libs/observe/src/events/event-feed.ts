import type { RunEvent } from '@lockstep/core';

/** An event with its place in the stream. */
export interface FeedEntry {
  /** `<life>-<number>`: unique among all events of all coordinators of the run. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: RunEvent;
}

/** The events since this coordinator started, as they happen; keeps the newest. */
export class EventFeed {
  readonly #now: () => number;
  readonly #remembered: number;
  readonly #life: string;
  readonly #listeners = new Set<(entry: FeedEntry) => void>();
  #entries: FeedEntry[] = [];
  #last = 0;

  /** @param remembered how many entries are kept for readers that reconnect */
  constructor(now: () => number, remembered = 1_000) {
    this.#now = now;
    this.#remembered = remembered;
    this.#life = now().toString(36);
  }

  /** The newest entry's id. */
  get lastId(): string {
    return `${this.#life}-${this.#last}`;
  }

  push(event: RunEvent): void {
    this.#last += 1;
    const entry: FeedEntry = { id: this.lastId, at: this.#now(), event };
    this.#entries.push(entry);
    // Cut in blocks: moving the array at every event would cost more than the memory saved.
    if (this.#entries.length >= 2 * this.#remembered) {
      this.#entries = this.#entries.slice(-this.#remembered);
    }
    for (const listener of this.#listeners) listener(entry);
  }

  /**
   * The entries after one.
   *
   * @returns `complete` false when some of them, or the entry itself, are no longer kept
   */
  since(id: string): { readonly entries: readonly FeedEntry[]; readonly complete: boolean } {
    const number = numberIn(id, this.#life);
    if (number === undefined || number > this.#last) {
      return { entries: this.#entries, complete: false };
    }
    const first = this.#last - this.#entries.length + 1;
    return {
      entries: this.#entries.slice(Math.max(0, number + 1 - first)),
      complete: number + 1 >= first,
    };
  }

  /** Calls the listener at each event; returns a function that ends this. */
  subscribe(listener: (entry: FeedEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

function numberIn(id: string, life: string): number | undefined {
  const [head, tail = ''] = id.split('-');
  return head === life && /^\d{1,15}$/.test(tail) ? Number(tail) : undefined;
}
