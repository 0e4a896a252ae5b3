import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { parseRunEvent, type RunEvent } from '../api/run-events.js';
import { openEventStream } from './event-stream.js';
import { hasEnded } from './run-progress.js';
import { createRunRecord, type RunRecord } from './run-record.js';

export interface Connection {
  /**
   * `opening` until the coordinator has answered for the first time; `silent` while it is connected
   * and sends nothing; `lost` while there is no connection.
   */
  readonly state: 'opening' | 'live' | 'silent' | 'lost';
  /** When the last message came, in milliseconds since the epoch; undefined before the first one. */
  readonly heardAt: number | undefined;
}

/** The run that the coordinator leads, followed as it goes on. */
export interface RunStore extends RunRecord {
  readonly connection: ReadonlySignal<Connection>;
  /** Whether what is shown is how the run stands: the coordinator responds, or the run has ended. */
  readonly isCurrent: ReadonlySignal<boolean>;
  /** Changes with the run, and with the coordinator that leads it. */
  readonly leadership: ReadonlySignal<string>;
  /** What the coordinator's clock shows at a moment of this machine's. */
  serverTime(at: number): number;
  /** Follows the run until it is told to stop. @returns stops */
  follow(): () => void;
}

/** Events are taken in together so often: calm to look at, and little work. */
const TOGETHER_MS = 200;
/** Workers become ready and are asked for without an event. */
const REFRESH_MS = 5_000;
const RETRY_MS = 1_500;
/** A shorter loss is not shown. */
const SHORT_LOSS_MS = 700;

/**
 * @param askWhoIsThere called after a loss: a login may have run out
 */
export function createRunStore(askWhoIsThere: () => Promise<unknown>): RunStore {
  const record = createRunRecord();
  const connection = signal<Connection>({ state: 'opening', heardAt: undefined });
  let heardAt: number | undefined;
  let clockOffsetMs = 0;
  let losing: ReturnType<typeof setTimeout> | undefined;

  const become = (state: Connection['state']): void => {
    clearTimeout(losing);
    losing = undefined;
    const before = connection.peek().state;
    if (before === state) return;
    connection.value = { state, heardAt };
    // What no event tells of may have changed meanwhile.
    if (state === 'live' && before !== 'opening') void record.refresh();
  };
  const heard = (serverAt?: number): void => {
    heardAt = Date.now();
    if (serverAt !== undefined) clockOffsetMs = serverAt - heardAt;
    if (connection.peek().state === 'silent') become('live');
  };
  const lost = (): void => {
    losing ??= setTimeout(() => become('lost'), SHORT_LOSS_MS);
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
        heard();
        close = openEventStream('api/events', lastEventId, {
          opened: () => become('live'),
          heard,
          message: ({ event: name, data }) => {
            if (name === 'gap') return void begin();
            const event = parseRunEvent(data);
            if (event) waiting.push(event);
            timer ??= setTimeout(flush, TOGETHER_MS);
          },
          silent: () => become('silent'),
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
      clearTimeout(losing);
      close();
    };
  };

  return {
    ...{ ...record, connection, follow },
    isCurrent: computed(() => {
      const run = record.run.value;
      return connection.value.state === 'live' || (run !== undefined && hasEnded(run));
    }),
    leadership: computed(() => {
      const run = record.run.value;
      return run ? `${run.runId} ${run.term}` : '';
    }),
    serverTime: (at) => at + clockOffsetMs,
  };
}
