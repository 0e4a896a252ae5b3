import type { ServerResponse } from 'node:http';
import type { EventFeed, FeedEntry } from '../../event-feed.js';

/** The open streams of server-sent events. */
export interface EventStreams {
  readonly count: number;
  /**
   * Sends what came after `lastId`, then every event as it happens, until either end closes. Without
   * a `lastId` only what is still to come; when some of what came after is forgotten, an event named
   * `gap` says so first.
   *
   * @param mayRead asked again and again: a reader whose token was replaced, or whose session is
   *   over, is cut off
   */
  open(response: ServerResponse, lastId: string | undefined, mayRead?: () => boolean): void;
  /** Ends all. */
  close(): void;
}

export interface StreamLimits {
  /** A reader further behind than this is cut off; it comes back with its `Last-Event-ID`. */
  readonly mostQueuedBytes: number;
  /**
   * Between two comments `: alive <milliseconds since the epoch>`. They keep proxies from closing a
   * silent stream, and their absence shows a reader that this process has stopped.
   */
  readonly heartbeatMs: number;
  /** Between two looks at whether those who read still may. */
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

/** Each event is written out once, however many read it. */
export function createEventStreams(
  feed: EventFeed,
  { mostQueuedBytes, heartbeatMs, guardMs }: StreamLimits = defaultStreamLimits,
): EventStreams {
  const streams = new Map<ServerResponse, () => boolean>();
  const send = (response: ServerResponse, text: string | Buffer): void => {
    if (response.writableEnded || response.destroyed) return;
    response.write(text);
    if (response.writableLength > mostQueuedBytes) response.destroy();
  };
  const toAll = (text: string): void => {
    if (streams.size === 0) return;
    const bytes = Buffer.from(text);
    for (const response of streams.keys()) send(response, bytes);
  };
  const guard = setInterval(() => {
    for (const [response, mayRead] of streams) if (!mayRead()) response.destroy();
  }, guardMs);
  guard.unref();
  const unsubscribe = feed.subscribe((entry) => {
    if (streams.size > 0) toAll(written(entry));
  });
  const heartbeat = setInterval(() => toAll(alive()), heartbeatMs);
  heartbeat.unref();

  return {
    get count() {
      return streams.size;
    },
    open: (response, lastId, mayRead = () => true) => {
      response.writeHead(200, HEADERS);
      response.on('error', () => response.destroy());
      response.on('close', () => streams.delete(response));
      const { entries, complete } =
        lastId === undefined ? { entries: [], complete: true } : feed.since(lastId);
      const gap = complete ? '' : `event: gap\ndata: {}\n\n`;
      send(response, `retry: 1000\n\n${alive()}${gap}${entries.map(written).join('')}`);
      streams.set(response, mayRead);
    },
    close: () => {
      clearInterval(heartbeat);
      clearInterval(guard);
      unsubscribe();
      for (const response of streams.keys()) response.end();
    },
  };
}

/** A comment: readers that do not know it ignore it. */
function alive(): string {
  return `: alive ${Date.now()}\n\n`;
}

function written({ id, at, event }: FeedEntry): string {
  return `id: ${id}\ndata: ${JSON.stringify({ ...event, at })}\n\n`;
}
