import { signal, type ReadonlySignal } from '@preact/signals';
import { parseRunEvent, type RunEvent } from '../api/run-events.js';
import { openEventStream } from './event-stream.js';
import { createRunRecord, type RunRecord } from './run-record.js';

export interface Connection {
  readonly state: 'opening' | 'live' | 'lost';
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** The run that the coordinator leads, followed as it goes on. */
export interface RunStore extends RunRecord {
  readonly connection: ReadonlySignal<Connection>;
  /** Follows the run until it is told to stop. @returns stops */
  follow(): () => void;
}

/** Events are taken in together so often: calm to look at, and little work. */
const TOGETHER_MS = 200;
/** Workers become ready and are asked for without an event. */
const REFRESH_MS = 5_000;
const RETRY_MS = 1_500;

/**
 * @param askWhoIsThere called after a loss: a login may have run out
 */
export function createRunStore(askWhoIsThere: () => Promise<unknown>): RunStore {
  const record = createRunRecord();
  const connection = signal<Connection>({ state: 'opening', since: Date.now() });

  const connected = (state: Connection['state']): void => {
    if (connection.peek().state !== state) connection.value = { state, since: Date.now() };
  };
  const lost = (): void => {
    connected('lost');
    void askWhoIsThere();
  };

  const follow = (): (() => void) => {
    let close: () => void = () => undefined;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waiting: RunEvent[] = [];
    const flush = (): void => {
      timer = undefined;
      const events = waiting;
      waiting = [];
      record.take(events);
    };
    const begin = async (): Promise<void> => {
      close();
      waiting = [];
      try {
        const lastEventId = await record.load();
        if (stopped) return;
        close = openEventStream('api/events', lastEventId, {
          opened: () => connected('live'),
          message: ({ event: name, data }) => {
            if (name === 'gap') return void begin();
            const event = parseRunEvent(data);
            if (event) waiting.push(event);
            timer ??= setTimeout(flush, TOGETHER_MS);
          },
          lost,
        });
      } catch {
        lost();
        if (!stopped) setTimeout(() => void begin(), RETRY_MS);
      }
    };
    void begin();
    const refreshing = setInterval(() => {
      if (!document.hidden && connection.peek().state === 'live') void record.refresh();
    }, REFRESH_MS);
    return () => {
      stopped = true;
      clearInterval(refreshing);
      clearTimeout(timer);
      close();
    };
  };

  return { ...record, connection, follow };
}
