import type { RunEvent } from '@lockstep/core';

/** An event with its place in the stream. */
export interface FeedEntry {
  /** `<life>-<number>`: names it among all events of all coordinators of the run. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: RunEvent;
}

/** The events of this coordinator's life, as they happen; remembers the newest. */
export interface EventFeed {
  push(event: RunEvent): void;
  /** The newest entry's id. */
  readonly lastId: string;
  /** When this coordinator began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /**
   * What came after an entry.
   *
   * @returns `complete` false when some of it, or the entry itself, is not remembered
   */
  since(id: string): { readonly entries: readonly FeedEntry[]; readonly complete: boolean };
  /** Calls the listener at each event; returns a function that ends this. */
  subscribe(listener: (entry: FeedEntry) => void): () => void;
}

/** @param remembered how many entries are kept for readers that come back */
export function createEventFeed(now: () => number, remembered = 1_000): EventFeed {
  const startedAt = now();
  const life = startedAt.toString(36);
  const listeners = new Set<(entry: FeedEntry) => void>();
  let entries: FeedEntry[] = [];
  let last = 0;

  return {
    push: (event) => {
      last += 1;
      const entry: FeedEntry = { id: `${life}-${last}`, at: now(), event };
      entries.push(entry);
      // Cut in blocks: moving the array at every event would cost more than the memory saved.
      if (entries.length >= 2 * remembered) entries = entries.slice(-remembered);
      for (const listener of listeners) listener(entry);
    },
    get lastId() {
      return `${life}-${last}`;
    },
    startedAt,
    since: (id) => {
      const number = numberIn(id, life);
      if (number === undefined || number > last) return { entries, complete: false };
      const first = last - entries.length + 1;
      return {
        entries: entries.slice(Math.max(0, number + 1 - first)),
        complete: number + 1 >= first,
      };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function numberIn(id: string, life: string): number | undefined {
  const [head, tail = ''] = id.split('-');
  return head === life && /^\d{1,15}$/.test(tail) ? Number(tail) : undefined;
}
