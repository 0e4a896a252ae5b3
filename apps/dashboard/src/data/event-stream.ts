import { createParser, type EventSourceMessage } from 'eventsource-parser';

/**
 * When the last message arrived and when the silence was last checked, in milliseconds of one
 * clock.
 */
interface Hearing {
  readonly heardAt: number;
  readonly lookedAt: number;
}

interface SilenceLimits {
  /**
   * The coordinator sends a comment every second; after this silence it counts as not responding.
   */
  readonly staleMs: number;
  /** After this silence the connection is replaced. */
  readonly deadMs: number;
  /**
   * No check for this long means that the machine slept, or the browser stopped the page's timers.
   */
  readonly sleptMs: number;
}

type Silence = 'none' | 'stale' | 'dead' | 'slept';

/** Classifies a silence. After a sleep it is unknown: data sent meanwhile may still arrive. */
export function judgeSilence(
  { heardAt, lookedAt }: Hearing,
  now: number,
  { staleMs, deadMs, sleptMs }: SilenceLimits,
): Silence {
  if (now - lookedAt > sleptMs) return 'slept';
  const silentMs = now - heardAt;
  if (silentMs > deadMs) return 'dead';
  return silentMs > staleMs ? 'stale' : 'none';
}

/** Callbacks of a stream of server-sent events. */
interface StreamReader {
  /** The coordinator has responded and the stream is open. */
  opened(): void;
  message(message: EventSourceMessage): void;
  /**
   * Some bytes arrived.
   *
   * @param serverAt the coordinator's time, in milliseconds since the epoch, if the message contains it
   */
  heard(serverAt?: number): void;
  /** Nothing arrived for a while, although the connection is open. */
  silent(): void;
  /** The connection was lost; it is retried automatically. */
  lost(reason: unknown): void;
}

interface StreamTimes extends SilenceLimits {
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
  /** Interval at which the silence of the stream is checked. */
  readonly lookMs: number;
}

const defaultTimes: StreamTimes = {
  ...{ firstRetryMs: 500, mostRetryMs: 5_000 },
  ...{ lookMs: 500, staleMs: 4_000, deadMs: 25_000, sleptMs: 10_000 },
};

const ALIVE = /^\s*alive (\d+)$/;

/**
 * Reads events until it is closed, reconnecting after every loss with `Last-Event-ID`. The
 * browser's `EventSource` gives up after a response such as 503 and does not notice a silent
 * connection.
 *
 * @param lastId id of the last event that is already known
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

/** Reads until the stream ends, which counts as a loss. */
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

/** Reports each silence once, and aborts the connection when it lasts too long. */
function watchSilence(times: StreamTimes, silent: () => void) {
  const giveUp = new AbortController();
  let heardAt = performance.now();
  let lookedAt = heardAt;
  let told = false;
  const timer = setInterval(() => {
    const now = performance.now();
    const silence = judgeSilence({ heardAt, lookedAt }, now, times);
    lookedAt = now;
    if (silence === 'dead') giveUp.abort(new Error('silent'));
    // Data sent during the sleep may still arrive: measure the silence from now.
    if (silence === 'slept') heardAt = now;
    if (silence === 'stale' && !told) silent();
    told = silence === 'stale';
  }, times.lookMs);
  return {
    signal: giveUp.signal,
    heard: () => (heardAt = performance.now()),
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
