import { join } from 'node:path';
import type { CheckpointRow } from '../checkpoints/schemas.js';
import type { EventFeed } from '../events/event-feed.js';
import type { TimedRunEvent } from '../events/schemas.js';
import type { Evaluated } from '../server/schemas.js';
import { KeptSteps } from './kept-steps.js';
import { lengthOf, readEvents, type TimedEvent } from './read-events.js';
import type { StepRow } from './schemas.js';

type Timed<Name extends TimedEvent['event']['event']> = Omit<
  Extract<TimedEvent['event'], { event: Name }>,
  'event'
> & { readonly at: number };

interface PastAlarm extends Timed<'alarm'> {
  /** Whether a coordinator before the last one raised it. */
  readonly isEarlier: boolean;
}

const MOST_REISSUES = 50;
const MOST_ALARMS = 100;

/**
 * A run's events by kind, from its first step on, over all coordinators that led it; in bounded
 * memory.
 */
export class RunHistory {
  readonly #steps = new KeptSteps();
  readonly #activity = new Activity();
  readonly #evaluations = new Map<number, Evaluated>();
  readonly #checkpoints = new Map<number, Omit<CheckpointRow, 'kept'>>();
  readonly #reissues: Timed<'reissue'>[] = [];
  #alarms: PastAlarm[] = [];
  #reissued = 0;
  #skippedSteps = 0;
  #skipped = 0;

  /** Adds an event; events must be added in their order. */
  add({ at, event }: TimedEvent): void {
    if (event.event !== 'step') this.#activity.add({ ...event, at });
    switch (event.event) {
      case 'step': {
        const { event: _name, ...row } = event;
        return this.#steps.add({ ...row, at });
      }
      case 'evaluation': {
        const { event: _name, ...figures } = event;
        return void this.#evaluations.set(event.step, { ...figures, at });
      }
      case 'checkpoint': {
        const { step: version, bytes, milliseconds } = event;
        return void this.#checkpoints.set(version, { version, bytes, milliseconds, at });
      }
      case 'reissue': {
        this.#reissued += 1 + (event.omitted ?? 0);
        const { event: _name, ...reissue } = event;
        return addNewest(this.#reissues, { ...reissue, at }, MOST_REISSUES);
      }
      case 'run-started':
        this.#alarms = this.#alarms.map((alarm) => ({ ...alarm, isEarlier: true }));
        this.#skippedSteps = event.skippedSteps ?? 0;
        return event.resumedAt === undefined ? undefined : this.#rewind(event.resumedAt);
      case 'alarm': {
        const { code, message, skippedSteps = this.#skippedSteps } = event;
        this.#skippedSteps = skippedSteps;
        return addNewest(this.#alarms, { code, message, at, isEarlier: false }, MOST_ALARMS);
      }
      default:
        return undefined;
    }
  }

  /** Notes a line of the file that holds no valid event. */
  readonly skip = (): void => void (this.#skipped += 1);

  /** How many lines of the file hold no valid event. */
  get skipped(): number {
    return this.#skipped;
  }

  /** In step order; a long run's are thinned out evenly. */
  get steps(): readonly StepRow[] {
    return this.#steps.rows;
  }

  get lastStep(): StepRow | undefined {
    return this.#steps.last;
  }

  get lastTrainAccuracy(): StepRow | undefined {
    return this.#steps.lastTrainAccuracy;
  }

  /** In step order. */
  get evaluations(): readonly Evaluated[] {
    return [...this.#evaluations.values()].sort((a, b) => a.step - b.step);
  }

  /** By version. */
  get checkpoints(): readonly Omit<CheckpointRow, 'kept'>[] {
    return [...this.#checkpoints.values()].sort((a, b) => a.version - b.version);
  }

  /** How many shards were issued again. */
  get reissued(): number {
    return this.#reissued;
  }

  /** Steps that changed nothing, since their gradient is not finite. */
  get skippedSteps(): number {
    return this.#skippedSteps;
  }

  /** Newest first. */
  get lastReissues(): readonly Timed<'reissue'>[] {
    return this.#reissues;
  }

  /** Newest first. */
  get alarms(): readonly PastAlarm[] {
    return this.#alarms;
  }

  /** The last events beside steps, newest first. */
  get activity(): readonly TimedRunEvent[] {
    return this.#activity.newestFirst;
  }

  /** Steps after the one that a coordinator resumed at are computed again. */
  #rewind(resumedAt: number): void {
    this.#steps.rewind(resumedAt);
    for (const step of this.#evaluations.keys()) {
      if (step > resumedAt) this.#evaluations.delete(step);
    }
  }
}

/** The file of a run's events. */
export function eventsPath(folder: string): string {
  return join(folder, 'events.jsonl');
}

/** The history of a run's folder as it is now. */
export async function readHistory(folder: string): Promise<RunHistory> {
  const path = eventsPath(folder);
  const history = new RunHistory();
  for await (const event of readEvents(path, lengthOf(path), history.skip)) {
    history.add(event);
  }
  return history;
}

/** The history of a run that is being led. */
export interface FollowedHistory {
  readonly history: RunHistory;
  close(): void;
}

/**
 * Reads a run's events as they are now, and follows the feed from then on. No event is missed or
 * added twice: the file's length and the subscription are taken, and the file is opened, in one turn of
 * the event loop, and each event is written and fed in one.
 *
 * @param folder the run's folder
 * @param observe called with every event, old and new, in order
 */
export async function followHistory(
  folder: string,
  feed: EventFeed,
  observe: (event: TimedEvent) => void,
): Promise<FollowedHistory> {
  const path = eventsPath(folder);
  const history = new RunHistory();
  const take = (event: TimedEvent): void => {
    history.add(event);
    observe(event);
  };
  const waiting: TimedEvent[] = [];
  let deliver: (event: TimedEvent) => void = (event) => waiting.push(event);
  const size = lengthOf(path);
  const close = feed.subscribe((entry) => deliver(entry));
  for await (const event of readEvents(path, size, history.skip)) take(event);
  for (const event of waiting) take(event);
  deliver = take;
  return { history, close };
}

function addNewest<Entry>(entries: Entry[], entry: Entry, most: number): void {
  entries.unshift(entry);
  if (entries.length > most) entries.pop();
}

/**
 * Events as frequent as steps or checkpoints, and those that workers can cause as often as they like:
 * each kind has a list of its own.
 */
const FREQUENT = ['reissue', 'evaluation', 'checkpoint', 'refused'] as const;
const MOST_FREQUENT = 100;
const MOST_OTHERS = 300;

/**
 * The run's events beside its steps, in bounded memory: the newest of each kind, so that frequent
 * ones do not displace workers that joined or were lost.
 */
class Activity {
  readonly #lists = new Map<string, { readonly number: number; readonly event: TimedRunEvent }[]>();
  #number = 0;
  #merged: readonly TimedRunEvent[] | undefined;

  add(event: TimedRunEvent): void {
    const isRefused = event.event === 'worker' && event.state === 'refused';
    const kind = isRefused ? 'refused' : event.event;
    const frequent = FREQUENT.find((name) => name === kind);
    const list = this.#lists.get(frequent ?? '') ?? [];
    this.#lists.set(frequent ?? '', list);
    list.push({ number: (this.#number += 1), event });
    if (list.length > (frequent ? MOST_FREQUENT : MOST_OTHERS)) list.shift();
    this.#merged = undefined;
  }

  get newestFirst(): readonly TimedRunEvent[] {
    this.#merged ??= [...this.#lists.values()]
      .flat()
      .sort((a, b) => b.number - a.number)
      .map(({ event }) => event);
    return this.#merged;
  }
}
