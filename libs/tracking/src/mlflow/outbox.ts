/** What waits to be sent to somebody who may be away. */
export interface Outbox<Item> {
  /** Keeps an item until it is sent; the oldest is forgotten where too many wait. */
  put(item: Item): void;
  /** Sends what waits, for `graceMs` at most, and no more after that. */
  close(graceMs: number): Promise<void>;
}

export interface OutboxOptions<Item> {
  /** Sends some items; a rejection means that they are to be sent again. */
  readonly send: (items: readonly Item[], signal: AbortSignal) => Promise<void>;
  /** Told when sending begins to fail; not again until it has worked meanwhile. */
  readonly failing: (error: unknown) => void;
  /** Items that are kept at most. */
  readonly most: number;
  /** Items sent at once at most. */
  readonly batch: number;
  readonly everyMs: number;
  /** The longest time between two tries. */
  readonly longestMs: number;
}

/** Gathers items and sends them in order, ever less often while that fails. */
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
      // Some may have been forgotten meanwhile, from the same end.
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
      // Cut in blocks: moving the array at every item would cost more than the memory saved.
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
