import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** What a stream of server-sent events tells its reader. */
export interface StreamReader {
  /** The coordinator has answered and sends. */
  opened(): void;
  message(message: EventSourceMessage): void;
  /** It is gone; tried again by itself. */
  lost(reason: unknown): void;
}

export interface StreamTimes {
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
  /** The coordinator sends a comment every 10 s; longer silence is a dead connection. */
  readonly silenceMs: number;
}

const defaultTimes: StreamTimes = { firstRetryMs: 500, mostRetryMs: 5_000, silenceMs: 25_000 };

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
        await readOnce(address, last, closing.signal, times.silenceMs, {
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
  silenceMs: number,
  reader: StreamReader,
): Promise<never> {
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(new Error('silent')), silenceMs);
  let deadline = watch;
  const heard = (): void => {
    clearTimeout(deadline);
    deadline = setTimeout(() => silence.abort(new Error('silent')), silenceMs);
  };
  try {
    const response = await fetch(address, {
      headers: { accept: 'text/event-stream', 'last-event-id': lastId },
      cache: 'no-store',
      signal: AbortSignal.any([closing, silence.signal]),
    });
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    reader.opened();
    const parser = createParser({ onEvent: (message) => reader.message(message) });
    const bytes = response.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await bytes.read();
      if (done) throw new Error('the stream ended');
      heard();
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(deadline);
  }
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
