/** A queue of items for a receiver that may be unreachable. */
export interface Outbox<Item> {
  /** Keeps an item until it is sent; the oldest are dropped when too many wait. */
  put(item: Item): void;
  /** Sends the waiting items, for `graceMs` at most, and stops. */
  close(graceMs: number): Promise<void>;
}

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

/** Collects items and sends them in order, with back-off on failure. */
export function createOutbox<Item>(options: OutboxOptions<Item>): Outbox<Item> {
  const { send, failing, most, batch, everyMs, longestMs } = options;
  const ending = new AbortController();
  let waiting: Item[] = [];
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let closing = false;

  const flush = async (): Promise<void> => {
    while (waiting.length > 0 && !ending.signal.aborted) {
      const items = waiting.slice(0, batch);
      try {
        await send(items, ending.signal);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1 && !ending.signal.aborted) failing(error);
        return;
      }
      // Some may have been dropped meanwhile, from the same end.
      const sent = new Set(items);
      waiting = waiting.filter((item) => !sent.has(item));
    }
  };
  const schedule = (): void => {
    if (timer || closing) return;
    const ms = Math.min(longestMs, everyMs * 2 ** Math.min(failures, 20));
    timer = setTimeout(() => {
      working = flush().finally(() => {
        timer = undefined;
        if (waiting.length > 0) schedule();
      });
    }, ms);
    timer.unref();
  };

  return {
    put: (item) => {
      waiting.push(item);
      // Drop blocks: shifting the array for every item would cost more than the memory saved.
      if (waiting.length > most + batch) waiting = waiting.slice(-most);
      schedule();
    },
    close: async (graceMs) => {
      closing = true;
      clearTimeout(timer);
      const late = setTimeout(() => ending.abort(new Error('closed')), graceMs);
      await working;
      await flush();
      clearTimeout(late);
      ending.abort(new Error('closed'));
    },
  };
}
