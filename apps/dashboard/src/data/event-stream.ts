import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { judgeSilence, type SilenceLimits } from './silence.js';

/** What a stream of server-sent events tells its reader. */
export interface StreamReader {
  /** The coordinator has answered and sends. */
  opened(): void;
  message(message: EventSourceMessage): void;
  /**
   * Something came.
   *
   * @param serverAt the coordinator's clock, in milliseconds since the epoch, where it said
   */
  heard(serverAt?: number): void;
  /** Nothing came for a while, though the connection is open. */
  silent(): void;
  /** It is gone; tried again by itself. */
  lost(reason: unknown): void;
}

export interface StreamTimes extends SilenceLimits {
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
  /** Between two looks at how long the stream has been silent. */
  readonly lookMs: number;
}

export const defaultTimes: StreamTimes = {
  ...{ firstRetryMs: 500, mostRetryMs: 5_000 },
  ...{ lookMs: 500, staleMs: 4_000, deadMs: 25_000, sleptMs: 10_000 },
};

const ALIVE = /^\s*alive (\d+)$/;

/**
 * Reads events until it is closed, coming back after every loss with the `Last-Event-ID`. The
 * browser's own `EventSource` gives up at an answer such as 503 and does not see a silent connection.
 *
 * @param lastId what came before is known already
 * @returns closes it
 */
export function openEventStream(
  address: string,
  lastId: string,
  reader: StreamReader,
  times: StreamTimes = defaultTimes,
): () => void {
  const closing = new AbortController();
  let last = lastId;
  const follow = async (): Promise<void> => {
    for (let retryMs = times.firstRetryMs; !closing.signal.aborted;) {
      try {
        await readOnce(address, last, closing.signal, times, {
          ...reader,
          opened: () => {
            retryMs = times.firstRetryMs;
            reader.opened();
          },
          message: (message) => {
            last = message.id ?? last;
            reader.message(message);
          },
        });
      } catch (error) {
        if (!closing.signal.aborted) reader.lost(error);
      }
      await pause(retryMs, closing.signal);
      retryMs = Math.min(2 * retryMs, times.mostRetryMs);
    }
  };
  void follow();
  return () => closing.abort();
}

/** Reads until the stream ends, which is a loss too. */
async function readOnce(
  address: string,
  lastId: string,
  closing: AbortSignal,
  times: StreamTimes,
  reader: StreamReader,
): Promise<never> {
  const watch = watchSilence(times, () => reader.silent());
  try {
    const response = await fetch(address, {
      headers: { accept: 'text/event-stream', 'last-event-id': lastId },
      cache: 'no-store',
      signal: AbortSignal.any([closing, watch.signal]),
    });
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    reader.opened();
    const parser = createParser({
      onEvent: (message) => reader.message(message),
      onComment: (comment) => {
        const [, at] = ALIVE.exec(comment) ?? [];
        reader.heard(at === undefined ? undefined : Number(at));
      },
    });
    const bytes = response.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await bytes.read();
      if (done) throw new Error('the stream ended');
      watch.heard();
      reader.heard();
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    watch.end();
  }
}

/** Tells once of each silence, and gives the connection up when it lasts, or after a sleep. */
function watchSilence(times: StreamTimes, silent: () => void) {
  const giveUp = new AbortController();
  let heardAt = Date.now();
  let lookedAt = heardAt;
  let told = false;
  const timer = setInterval(() => {
    const now = Date.now();
    const silence = judgeSilence({ heardAt, lookedAt }, now, times);
    lookedAt = now;
    if (silence === 'dead') giveUp.abort(new Error('silent'));
    // What was sent meanwhile may still come: the silence counts from now on.
    if (silence === 'slept') heardAt = now;
    if (silence === 'stale' && !told) silent();
    told = silence === 'stale';
  }, times.lookMs);
  return {
    signal: giveUp.signal,
    heard: () => (heardAt = Date.now()),
    end: () => clearInterval(timer),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
