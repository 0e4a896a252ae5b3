import type { RunEvent } from '@lockstep/core';
import type { StepArrival } from './step-spans.js';

type EventNamed<Name extends RunEvent['event']> = Extract<RunEvent, { event: Name }>;

/** What is known of a training by its events. */
export class TrainingRecord {
  readonly #events: RunEvent[] = [];
  readonly #arrivals: StepArrival[] = [];
  #step = 0;
  #started: EventNamed<'run-started'> | undefined;
  #finished: EventNamed<'run-finished'> | undefined;

  /** @param at when the event arrived, in milliseconds on a monotonic clock */
  hear(event: RunEvent, at: number): void {
    this.#events.push(event);
    if (event.event === 'run-started') this.#started = event;
    if (event.event === 'run-finished') this.#finished = event;
    if (event.event !== 'step') return;
    this.#arrivals.push({ at, step: event.step });
    this.#step = Math.max(this.#step, event.step);
  }

  get events(): readonly RunEvent[] {
    return this.#events;
  }

  /** Its steps as they arrived, including those computed again. */
  get arrivals(): readonly StepArrival[] {
    return this.#arrivals;
  }

  /** The last step made, in any term; 0 before the first. */
  get step(): number {
    return this.#step;
  }

  get started(): EventNamed<'run-started'> | undefined {
    return this.#started;
  }

  get finished(): EventNamed<'run-finished'> | undefined {
    return this.#finished;
  }
}
