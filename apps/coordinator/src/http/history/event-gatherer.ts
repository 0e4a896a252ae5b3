import type { CheckpointRow } from '../checkpoints/schemas.js';
import type { TimedRunEvent } from '../events/schemas.js';
import type { Evaluated } from '../schemas.js';
import { createActivity } from './activity.js';
import { createKeptSteps } from './kept-steps.js';
import type { TimedEvent } from './read-events.js';
import type { StepRow } from './schemas.js';

/** A run's past, from its first step on, however many coordinators have led it. */
export interface Gathered {
  /** In step order; a long run's are thinned out evenly. */
  readonly steps: readonly StepRow[];
  readonly lastStep: StepRow | undefined;
  readonly lastTrainAccuracy: StepRow | undefined;
  readonly evaluations: readonly Evaluated[];
  readonly checkpoints: readonly Omit<CheckpointRow, 'kept'>[];
  /** How many shards were handed out again. */
  readonly reissued: number;
  /** The last of those, the newest first. */
  readonly lastReissues: readonly Timed<'reissue'>[];
  /** The newest first. */
  readonly alarms: readonly Timed<'alarm'>[];
  /** What happened last beside steps, the newest first; what is frequent leaves room for the rest. */
  readonly activity: readonly TimedRunEvent[];
}

type Timed<Name extends TimedEvent['event']['event']> = Omit<
  Extract<TimedEvent['event'], { event: Name }>,
  'event'
> & { readonly at: number };

const MOST_REISSUES = 50;
const MOST_ALARMS = 100;

/** Gathers a run's events, in the order they were, in bounded memory. */
export function createGatherer(): { take(event: TimedEvent): void; readonly gathered: Gathered } {
  const steps = createKeptSteps();
  const evaluations = new Map<number, Evaluated>();
  const checkpoints = new Map<number, Omit<CheckpointRow, 'kept'>>();
  const reissues: Timed<'reissue'>[] = [];
  const alarms: Timed<'alarm'>[] = [];
  const activity = createActivity();
  let reissued = 0;

  const take = ({ at, event }: TimedEvent): void => {
    if (event.event !== 'step') activity.add({ ...event, at });
    switch (event.event) {
      case 'step': {
        const { event: _name, ...row } = event;
        return steps.add({ ...row, at });
      }
      case 'evaluation': {
        const { step, testAccuracy, testLoss } = event;
        return void evaluations.set(step, { step, testAccuracy, testLoss, at });
      }
      case 'checkpoint': {
        const { step: version, bytes, milliseconds } = event;
        return void checkpoints.set(version, { version, bytes, milliseconds, at });
      }
      case 'reissue': {
        reissued += 1;
        const { event: _name, ...reissue } = event;
        return addNewest(reissues, { ...reissue, at }, MOST_REISSUES);
      }
      case 'run-started': {
        const { resumedAt } = event;
        if (resumedAt === undefined) return;
        // What came later is computed again.
        steps.rewind(resumedAt);
        for (const step of evaluations.keys()) if (step > resumedAt) evaluations.delete(step);
        return;
      }
      case 'alarm': {
        const { code, message } = event;
        return addNewest(alarms, { code, message, at }, MOST_ALARMS);
      }
      default:
        return undefined;
    }
  };
  const gathered: Gathered = {
    get steps() {
      return steps.rows;
    },
    get lastStep() {
      return steps.last;
    },
    get lastTrainAccuracy() {
      return steps.lastTrainAccuracy;
    },
    get evaluations() {
      return [...evaluations.values()].sort((a, b) => a.step - b.step);
    },
    get checkpoints() {
      return [...checkpoints.values()].sort((a, b) => a.version - b.version);
    },
    get reissued() {
      return reissued;
    },
    lastReissues: reissues,
    alarms,
    get activity() {
      return activity.newestFirst;
    },
  };
  return { take, gathered };
}

function addNewest<Entry>(entries: Entry[], entry: Entry, most: number): void {
  entries.unshift(entry);
  if (entries.length > most) entries.pop();
}
