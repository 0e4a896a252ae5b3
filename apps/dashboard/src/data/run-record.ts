import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { fetchJson } from '../api/fetch-json.js';
import type { Evaluated, RunReport } from '../api/reply.js';
import type { RunEvent } from '../api/run-events.js';
import { earlierEvent } from './event-ids.js';
import { advanceRun } from './run-progress.js';
import { createGrowingSteps, type StepColumns } from './step-columns.js';

/** What is known of the run that the coordinator leads: as it is now, and how it became so. */
export interface RunRecord {
  /** Undefined until the first answer. */
  readonly run: ReadonlySignal<RunReport | undefined>;
  /** Every step from the first on; a new object whenever there are more. */
  readonly steps: ReadonlySignal<StepColumns>;
  /** In step order. */
  readonly evaluations: ReadonlySignal<readonly Evaluated[]>;
  /** What happened last beside the steps, the newest first. */
  readonly activity: ReadonlySignal<readonly RunEvent[]>;
  /** Tells of every event that is not a step. @returns ends that */
  subscribe(listener: (event: RunEvent) => void): () => void;
  /** Asks how the run stands, for what no event tells of. */
  refresh(): Promise<void>;
}

export interface KeptRecord extends RunRecord {
  /**
   * Reads present and past; the present is shown as soon as it is there.
   *
   * @returns the event up to which all is known
   * @throws ApiError
   */
  load(): Promise<string>;
  /** Takes what happened, in order. */
  take(events: readonly RunEvent[]): void;
}

/** Events that come as often as steps or checkpoints do leave room for the others. */
const FREQUENT: ReadonlySet<string> = new Set(['reissue', 'evaluation', 'checkpoint']);
const MOST_FREQUENT = 300;
const MOST_OTHERS = 300;

export function createRunRecord(): KeptRecord {
  const run = signal<RunReport | undefined>(undefined);
  const growing = createGrowingSteps();
  const steps = signal(growing.columns);
  const evaluations = signal<readonly Evaluated[]>([]);
  const activity = signal<readonly RunEvent[]>([]);
  const listeners = new Set<(event: RunEvent) => void>();

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
    activity.value = withNewest(activity.peek(), notable);
    for (const event of notable) for (const listener of listeners) listener(event);
    const changesMore = notable.some(({ event }) => event === 'worker' || event === 'state');
    if (changesMore && !document.hidden) void refresh();
  };

  const refresh = async (): Promise<void> => {
    try {
      run.value = await fetchJson('/api/run');
    } catch {
      // The stream of events finds out too, and says so.
    }
  };

  const load = async (): Promise<string> => {
    const past = Promise.all([fetchJson('/api/steps'), fetchJson('/api/activity')]);
    past.catch(() => undefined); // heard of below
    const report = await fetchJson('/api/run');
    run.value = report;
    const [history, happened] = await past;
    batch(() => {
      activity.value = happened.events;
      growing.replace(history.steps);
      steps.value = growing.columns;
      evaluations.value = history.evaluations;
    });
    const ids = [report, history, happened].map(({ lastEventId }) => lastEventId);
    return ids.reduce(earlierEvent);
  };

  return {
    ...{ run, steps, evaluations, activity, refresh, load },
    take: (events) => batch(() => take(events)),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Some may be told again after a reload of the past: each is kept once. */
function withNewest(known: readonly RunEvent[], newest: readonly RunEvent[]): readonly RunEvent[] {
  const texts = new Set(known.slice(0, newest.length).map((event) => JSON.stringify(event)));
  const fresh = newest.filter((event) => !texts.has(JSON.stringify(event)));
  let frequent = 0;
  let others = 0;
  return [...fresh.toReversed(), ...known].filter(({ event }) =>
    FREQUENT.has(event) ? (frequent += 1) <= MOST_FREQUENT : (others += 1) <= MOST_OTHERS,
  );
}

function withEvaluation(
  all: readonly Evaluated[],
  { step, testAccuracy, testLoss, at }: Evaluated,
): readonly Evaluated[] {
  const others = all.filter((each) => each.step !== step);
  return [...others, { step, testAccuracy, testLoss, at }].sort((a, b) => a.step - b.step);
}
