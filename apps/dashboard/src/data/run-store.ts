import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { fetchJson } from '../api/fetch-json.js';
import type { Evaluated, RunReport } from '../api/reply.js';
import { parseRunEvent, type RunEvent } from '../api/run-events.js';
import { openEventStream } from './event-stream.js';
import { earlierEvent } from './event-ids.js';
import { advanceRun } from './run-progress.js';
import { createGrowingSteps, type StepColumns } from './step-columns.js';

export interface Connection {
  readonly state: 'opening' | 'live' | 'lost';
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** The run that the coordinator leads, as it is now and as it became so. */
export interface RunStore {
  readonly connection: ReadonlySignal<Connection>;
  /** Undefined until the first answer. */
  readonly run: ReadonlySignal<RunReport | undefined>;
  /** Every step from the first on; a new object whenever there are more. */
  readonly steps: ReadonlySignal<StepColumns>;
  /** In step order. */
  readonly evaluations: ReadonlySignal<readonly Evaluated[]>;
  /** What happened since the page was opened, the newest first; no steps. */
  readonly activity: ReadonlySignal<readonly RunEvent[]>;
  /** Asks how the run stands, for what no event tells of. */
  refresh(): Promise<void>;
  /** Tells of every event that is not a step. @returns ends that */
  subscribe(listener: (event: RunEvent) => void): () => void;
  /** Follows the run until it is told to stop. @returns stops */
  follow(): () => void;
}

/** Events are taken in together so often: calm to look at, and little work. */
const TOGETHER_MS = 200;
/** Workers become ready and are asked for without an event. */
const REFRESH_MS = 5_000;
const RETRY_MS = 1_500;
const MOST_ACTIVITY = 200;

/**
 * @param askWhoIsThere called after a loss: a login may have run out
 */
export function createRunStore(askWhoIsThere: () => Promise<unknown>): RunStore {
  const connection = signal<Connection>({ state: 'opening', since: Date.now() });
  const run = signal<RunReport | undefined>(undefined);
  const growing = createGrowingSteps();
  const steps = signal(growing.columns);
  const evaluations = signal<readonly Evaluated[]>([]);
  const activity = signal<readonly RunEvent[]>([]);
  const listeners = new Set<(event: RunEvent) => void>();

  const connected = (state: Connection['state']): void => {
    if (connection.peek().state !== state) connection.value = { state, since: Date.now() };
  };

  const take = (events: readonly RunEvent[]): void => {
    let report = run.peek();
    for (const event of events) {
      if (event.event === 'step') {
        const { event: _name, ...row } = event;
        growing.add(row);
      } else if (event.event === 'evaluation') {
        evaluations.value = withEvaluation(evaluations.peek(), event);
      }
      if (report) report = advanceRun(report, event);
    }
    run.value = report;
    steps.value = growing.columns;
    const notable = events.filter(({ event }) => event !== 'step');
    if (notable.length === 0) return;
    activity.value = [...notable.toReversed(), ...activity.peek()].slice(0, MOST_ACTIVITY);
    for (const event of notable) for (const listener of listeners) listener(event);
    if (notable.some(({ event }) => event === 'worker' || event === 'state')) void refresh();
  };

  const refresh = async (): Promise<void> => {
    try {
      run.value = await fetchJson('/api/run');
    } catch {
      // The stream of events finds out too, and says so.
    }
  };

  /** The present is shown as soon as it is there. @returns the event up to which all is known */
  const load = async (): Promise<string> => {
    const past = fetchJson('/api/steps');
    past.catch(() => undefined); // heard of below
    const report = await fetchJson('/api/run');
    if (report.runId !== run.peek()?.runId) activity.value = [];
    run.value = report;
    const history = await past;
    batch(() => {
      growing.replace(history.steps);
      steps.value = growing.columns;
      evaluations.value = history.evaluations;
    });
    return earlierEvent(report.lastEventId, history.lastEventId);
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
      batch(() => take(events));
    };
    const begin = async (): Promise<void> => {
      close();
      waiting = [];
      try {
        const lastEventId = await load();
        if (stopped) return;
        close = openEventStream('api/events', lastEventId, {
          opened: () => connected('live'),
          message: ({ event: name, data }) => {
            if (name === 'gap') return void begin();
            const event = parseRunEvent(data);
            if (event) waiting.push(event);
            timer ??= setTimeout(flush, TOGETHER_MS);
          },
          lost: () => {
            connected('lost');
            void askWhoIsThere();
          },
        });
      } catch {
        connected('lost');
        void askWhoIsThere();
        if (!stopped) setTimeout(() => void begin(), RETRY_MS);
      }
    };
    void begin();
    const refreshing = setInterval(() => {
      if (!document.hidden && connection.peek().state === 'live') void refresh();
    }, REFRESH_MS);
    return () => {
      stopped = true;
      clearInterval(refreshing);
      clearTimeout(timer);
      close();
    };
  };

  return {
    ...{ connection, run, steps, evaluations, activity, refresh, follow },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function withEvaluation(
  all: readonly Evaluated[],
  { step, testAccuracy, testLoss, at }: Evaluated,
): readonly Evaluated[] {
  const others = all.filter((each) => each.step !== step);
  return [...others, { step, testAccuracy, testLoss, at }].sort((a, b) => a.step - b.step);
}
