import type { ServerResponse } from 'node:http';
import type { EventFeed, FeedEntry } from './event-feed.js';

export interface StreamLimits {
  /** A reader further behind than this is disconnected; it reconnects with its `Last-Event-ID`. */
  readonly mostQueuedBytes: number;
  /**
   * Between two comments `: alive <milliseconds since the epoch>`. They keep proxies from closing a
   * silent stream, and their absence shows a reader that this process has stopped.
   */
  readonly heartbeatMs: number;
  /** Between two checks that readers are still authorised. */
  readonly guardMs: number;
  readonly mostStreams: number;
}

export const defaultStreamLimits: StreamLimits = {
  mostQueuedBytes: 1_048_576,
  heartbeatMs: 1_000,
  guardMs: 1_000,
  mostStreams: 200,
};

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  connection: 'keep-alive',
} as const;

/** The open streams of server-sent events. Each event is encoded once, for all readers. */
export class EventStreams {
  readonly #feed: EventFeed;
  readonly #limits: StreamLimits;
  /** Open responses, each with the check that its reader is still authorised. */
  readonly #streams = new Map<ServerResponse, () => boolean>();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #unsubscribe: () => void;

  constructor(feed: EventFeed, limits: StreamLimits = defaultStreamLimits) {
    this.#feed = feed;
    this.#limits = limits;
    this.#unsubscribe = feed.subscribe((entry) => {
      if (this.#streams.size > 0) this.#sendAll(encoded(entry));
    });
    this.#timers = [
      setInterval(() => this.#endUnauthorised(), limits.guardMs),
      setInterval(() => this.#sendAll(alive()), limits.heartbeatMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  get count(): number {
    return this.#streams.size;
  }

  get isFull(): boolean {
    return this.#streams.size >= this.#limits.mostStreams;
  }

  /**
   * Sends the events after `lastId`, then every event as it happens, until either end closes.
   * Without a `lastId`, only events to come. Where some after it are no longer kept, an event named
   * `gap` comes first.
   *
   * @param mayRead checked repeatedly: a reader is disconnected once its token was replaced or its
   *   session has expired
   */
  open(response: ServerResponse, lastId: string | undefined, mayRead = () => true): void {
    response.writeHead(200, HEADERS);
    response.on('error', () => response.destroy());
    response.on('close', () => this.#streams.delete(response));
    const { entries, complete } =
      lastId === undefined ? { entries: [], complete: true } : this.#feed.since(lastId);
    const gap = complete ? '' : `event: gap\ndata: {}\n\n`;
    this.#send(response, `retry: 1000\n\n${alive()}${gap}${entries.map(encoded).join('')}`);
    this.#streams.set(response, mayRead);
  }

  /** Ends all streams. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#unsubscribe();
    for (const response of this.#streams.keys()) response.end();
  }

  #sendAll(text: string): void {
    if (this.#streams.size === 0) return;
    const bytes = Buffer.from(text);
    for (const response of this.#streams.keys()) this.#send(response, bytes);
  }

  #send(response: ServerResponse, text: string | Buffer): void {
    if (response.writableEnded || response.destroyed) return;
    response.write(text);
    if (response.writableLength > this.#limits.mostQueuedBytes) response.destroy();
  }

  #endUnauthorised(): void {
    for (const [response, mayRead] of this.#streams) if (!mayRead()) response.destroy();
  }
}

/** A comment, which readers ignore unless they look for it. */
function alive(): string {
  return `: alive ${Date.now()}\n\n`;
}

function encoded({ id, at, event }: FeedEntry): string {
  return `id: ${id}\ndata: ${JSON.stringify({ ...event, at })}\n\n`;
}
