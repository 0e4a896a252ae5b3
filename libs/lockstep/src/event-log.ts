import type { RunEvent } from '@lockstep/core';

/** How many events are kept for a reader that begins later. */
const KEPT = 1_000;

/** The events of a run, for any number of readers. Each gets the kept ones, then all that follow. */
export class EventLog implements AsyncIterable<RunEvent> {
  #kept: RunEvent[] = [];
  #ended = false;
  readonly #readers = new Set<Reader>();

  add(event: RunEvent): void {
    this.#kept.push(event);
    if (this.#kept.length > 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
    for (const reader of this.#readers) reader.add(event);
  }

  /** No event follows: readers end after those that they have not read. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.end();
  }

  [Symbol.asyncIterator](): AsyncIterator<RunEvent> {
    const reader = new Reader(this.#kept.slice(-KEPT), () => this.#readers.delete(reader));
    if (this.#ended) reader.end();
    else this.#readers.add(reader);
    return reader;
  }
}

/** One reader's place in the log. */
class Reader implements AsyncIterator<RunEvent> {
  readonly #unread: RunEvent[];
  readonly #leave: () => void;
  #ended = false;
  /** Readers that wait for an event that has not come yet. */
  readonly #waiting: ((result: IteratorResult<RunEvent>) => void)[] = [];

  constructor(unread: RunEvent[], leave: () => void) {
    this.#unread = unread;
    this.#leave = leave;
  }

  add(event: RunEvent): void {
    const resolve = this.#waiting.shift();
    if (resolve) resolve({ value: event, done: false });
    else this.#unread.push(event);
  }

  end(): void {
    this.#ended = true;
    for (const resolve of this.#waiting.splice(0)) resolve({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<RunEvent>> {
    const event = this.#unread.shift();
    if (event !== undefined) return Promise.resolve({ value: event, done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A `for await` that is left early. */
  return(): Promise<IteratorResult<RunEvent>> {
    this.#leave();
    this.#unread.length = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }
}
