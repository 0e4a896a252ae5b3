import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { fetchJson } from '../api/fetch-json.js';
import type { Evaluated, RunReport } from '../api/reply.js';
import type { RunEvent } from '../api/run-events.js';
import { advanceRun } from './run-progress.js';
import { GrowingSteps, type StepColumns } from './step-columns.js';

/** Frequent events are limited separately, so that they do not displace others. */
const FREQUENT: ReadonlySet<string> = new Set(['reissue', 'evaluation', 'checkpoint']);
const MOST_FREQUENT = 300;
const MOST_OTHERS = 300;

/** State and history of the coordinator's run. */
export class RunRecord {
  /** Undefined until the first response. */
  readonly run: ReadonlySignal<RunReport | undefined>;
  /** All steps; a new object whenever steps are added. */
  readonly steps: ReadonlySignal<StepColumns>;
  /** In step order. */
  readonly evaluations: ReadonlySignal<readonly Evaluated[]>;
  /** The last events other than steps, newest first. */
  readonly activity: ReadonlySignal<readonly RunEvent[]>;
  readonly #run = signal<RunReport | undefined>(undefined);
  readonly #growing = new GrowingSteps();
  readonly #steps = signal(this.#growing.columns);
  readonly #evaluations = signal<readonly Evaluated[]>([]);
  readonly #activity = signal<readonly RunEvent[]>([]);
  readonly #listeners = new Set<(event: RunEvent) => void>();

  constructor() {
    this.run = this.#run;
    this.steps = this.#steps;
    this.evaluations = this.#evaluations;
    this.activity = this.#activity;
  }

  /** Calls the listener for every event that is not a step. @returns unsubscribes it */
  subscribe(listener: (event: RunEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reloads the report, for changes without an event. */
  async refresh(): Promise<void> {
    try {
      this.#run.value = await fetchJson('/api/run');
    } catch {
      // The event stream reports connection errors.
    }
  }

  /**
   * Loads report and history; the report is published as soon as it arrives.
   *
   * @returns the id of the last event that is included
   * @throws ApiError
   */
  async load(): Promise<string> {
    const past = Promise.all([fetchJson('/api/steps'), fetchJson('/api/activity')]);
    past.catch(() => undefined); // handled by the await below
    const report = await fetchJson('/api/run');
    this.#run.value = report;
    const [history, happened] = await past;
    batch(() => {
      this.#activity.value = happened.events;
      this.#growing.replace(history.steps);
      this.#steps.value = this.#growing.columns;
      this.#evaluations.value = history.evaluations;
    });
    const ids = [report, history, happened].map(({ lastEventId }) => lastEventId);
    return ids.reduce(earlierEvent);
  }

  /** Applies events, in order. */
  take(events: readonly RunEvent[]): void {
    batch(() => this.#take(events));
  }

  #take(events: readonly RunEvent[]): void {
    let report = this.#run.peek();
    for (const event of events) {
      if (event.event === 'step') {
        const { event: _name, ...row } = event;
        this.#growing.add(row);
      } else if (event.event === 'evaluation') {
        const { event: _name, ...evaluation } = event;
        this.#evaluations.value = withEvaluation(this.#evaluations.peek(), evaluation);
      }
      if (report) report = advanceRun(report, event);
    }
    this.#run.value = report;
    this.#steps.value = this.#growing.columns;
    const notable = events.filter(({ event }) => event !== 'step');
    if (notable.length === 0) return;
    this.#activity.value = withNewest(this.#activity.peek(), notable);
    for (const event of notable) for (const listener of this.#listeners) listener(event);
    const changesMore = notable.some(({ event }) => event === 'worker' || event === 'state');
    if (changesMore && !document.hidden) void this.refresh();
  }
}

/** Events may be repeated after the history was reloaded: each is kept once. */
function withNewest(known: readonly RunEvent[], newest: readonly RunEvent[]): readonly RunEvent[] {
  const texts = new Set(known.slice(0, newest.length).map((event) => JSON.stringify(event)));
  const fresh = newest.filter((event) => !texts.has(JSON.stringify(event)));
  let frequent = 0;
  let others = 0;
  return [...fresh.toReversed(), ...known].filter(({ event }) =>
    FREQUENT.has(event) ? (frequent += 1) <= MOST_FREQUENT : (others += 1) <= MOST_OTHERS,
  );
}

function withEvaluation(all: readonly Evaluated[], evaluation: Evaluated): readonly Evaluated[] {
  const others = all.filter((each) => each.step !== evaluation.step);
  return [...others, evaluation].sort((a, b) => a.step - b.step);
}

/**
 * The earlier of two event ids of one coordinator, `<coordinator>-<number>`. Following from it
 * repeats some events, which is harmless; following from the later one would miss some.
 */
export function earlierEvent(a: string, b: string): string {
  return numberOf(a) <= numberOf(b) ? a : b;
}

function numberOf(id: string): number {
  const number = Number.parseInt(id.slice(id.lastIndexOf('-') + 1), 10);
  return Number.isNaN(number) ? 0 : number;
}
