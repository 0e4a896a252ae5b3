import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { parseRunEvent, type RunEvent } from '../api/run-events.js';
import { openEventStream } from './event-stream.js';
import { hasEnded } from './run-progress.js';
import { RunRecord } from './run-record.js';
import { loadSession, mayControl } from './session.js';

interface Connection {
  /**
   * `opening` until the first response of the coordinator; `silent` while it is connected but sends
   * nothing; `lost` while there is no connection.
   */
  readonly state: 'opening' | 'live' | 'silent' | 'lost';
  /** When the last message arrived, in milliseconds since the epoch; undefined before the first one. */
  readonly heardAt: number | undefined;
}

/** Events are applied in batches at this interval, to limit redraws. */
const TOGETHER_MS = 200;
/** Some changes, such as workers that become ready, have no event. */
const REFRESH_MS = 5_000;
const RETRY_MS = 1_500;
/** A shorter loss is not shown. */
const SHORT_LOSS_MS = 700;

/** The coordinator's run, followed live. */
class RunStore extends RunRecord {
  readonly connection: ReadonlySignal<Connection>;
  /** Whether the shown state is current: the coordinator responds, or the run has ended. */
  readonly isCurrent: ReadonlySignal<boolean>;
  /** Run id and term; changes when another coordinator takes over. */
  readonly runTerm: ReadonlySignal<string>;
  readonly #connection = signal<Connection>({ state: 'opening', heardAt: undefined });
  #heardAt: number | undefined;
  #clockOffsetMs = 0;
  #losing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.connection = this.#connection;
    this.isCurrent = computed(() => {
      const run = this.run.value;
      return this.#connection.value.state === 'live' || (run !== undefined && hasEnded(run));
    });
    this.runTerm = computed(() => {
      const run = this.run.value;
      return run ? `${run.runId} ${run.term}` : '';
    });
  }

  /** Converts a time of this machine to the coordinator's clock. */
  serverTime(at: number): number {
    return at + this.#clockOffsetMs;
  }

  /** Follows the run. @returns stops this */
  follow(): () => void {
    let close: () => void = () => undefined;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waiting: RunEvent[] = [];
    const flush = (): void => {
      timer = undefined;
      const events = waiting;
      waiting = [];
      this.take(events);
    };
    const begin = async (): Promise<void> => {
      close();
      waiting = [];
      try {
        const lastEventId = await this.load();
        if (stopped) return;
        this.#heard();
        close = openEventStream('api/events', lastEventId, {
          opened: () => this.#become('live'),
          heard: (serverAt) => this.#heard(serverAt),
          message: ({ event: name, data }) => {
            if (name === 'gap') return void begin();
            const event = parseRunEvent(data);
            if (event) waiting.push(event);
            timer ??= setTimeout(flush, TOGETHER_MS);
          },
          silent: () => this.#become('silent'),
          lost: () => this.#lost(),
        });
      } catch {
        this.#lost();
        if (!stopped) setTimeout(() => void begin(), RETRY_MS);
      }
    };
    void begin();
    const refreshing = setInterval(() => {
      if (!document.hidden && this.#connection.peek().state === 'live') void this.refresh();
    }, REFRESH_MS);
    return () => {
      stopped = true;
      clearInterval(refreshing);
      clearTimeout(timer);
      clearTimeout(this.#losing);
      close();
    };
  }

  #become(state: Connection['state']): void {
    clearTimeout(this.#losing);
    this.#losing = undefined;
    const before = this.#connection.peek().state;
    if (before === state) return;
    this.#connection.value = { state, heardAt: this.#heardAt };
    // Reload what may have changed without an event.
    if (state === 'live' && before !== 'opening') void this.refresh();
  }

  #heard(serverAt?: number): void {
    this.#heardAt = Date.now();
    if (serverAt !== undefined) this.#clockOffsetMs = serverAt - this.#heardAt;
    if (this.#connection.peek().state === 'silent') this.#become('live');
  }

  #lost(): void {
    this.#losing ??= setTimeout(() => this.#become('lost'), SHORT_LOSS_MS);
    // The session may have expired.
    void loadSession().catch(() => undefined);
  }
}

/** The run of this page. */
export const store = new RunStore();

/** Why the run cannot be controlled from this page now; undefined if it can. */
export const controlRefusal = computed<string | undefined>(() => {
  if (!mayControl.value) return 'Only an administrator can do this; you are logged in as viewer.';
  if (store.connection.value.state !== 'live') return 'The coordinator is not responding.';
  return undefined;
});
