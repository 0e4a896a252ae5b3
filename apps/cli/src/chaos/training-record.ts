import type { RunEvent } from '@lockstep/core';
import type { StepArrival } from './step-spans.js';

type EventNamed<Name extends RunEvent['event']> = Extract<RunEvent, { event: Name }>;

/** What a training has told of itself. */
export interface TrainingRecord {
  readonly events: readonly RunEvent[];
  /** Its steps as they came in, those computed again too. */
  readonly arrivals: readonly StepArrival[];
  /** The last step made, in whichever term; 0 before the first. */
  readonly step: number;
  readonly started: EventNamed<'run-started'> | undefined;
  readonly finished: EventNamed<'run-finished'> | undefined;
}

/** @returns the record, and what to tell it: an event and its milliseconds on a monotonic clock */
export function recordTraining(): {
  record: TrainingRecord;
  hear: (event: RunEvent, at: number) => void;
} {
  const events: RunEvent[] = [];
  const arrivals: StepArrival[] = [];
  const told: { -readonly [key in 'step' | 'started' | 'finished']: TrainingRecord[key] } = {
    ...{ step: 0, started: undefined, finished: undefined },
  };
  const hear = (event: RunEvent, at: number): void => {
    events.push(event);
    if (event.event === 'run-started') told.started = event;
    if (event.event === 'run-finished') told.finished = event;
    if (event.event !== 'step') return;
    arrivals.push({ at, step: event.step });
    told.step = Math.max(told.step, event.step);
  };
  return { record: Object.assign(told, { events, arrivals }), hear };
}
