import type { RunEvent } from '@lockstep/core';
import { Child } from '../local/child.js';
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

const MOST_LINES = 200;
/** A run without any event for this long hangs: it is stopped, and that is a finding. */
const STALL_MS = 240_000;
/** `lockstep train` ends everything by force before this. */
const STOP_GRACE_MS = 40_000;

/** A `lockstep train` that runs or has ended. */
export class Training {
  readonly record = new TrainingRecord();
  /** Resolves to its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly #child: Child;
  readonly #stalled: NodeJS.Timeout;
  readonly #said: string[] = [];
  #hasEnded = false;

  /** @param args of `lockstep train`, without `--json` */
  constructor(args: readonly string[]) {
    this.#child = new Child(['train', ...args, '--json'], {
      onLine: (line) => {
        this.#stalled.refresh();
        this.record.hear(JSON.parse(line) as RunEvent, performance.now());
      },
      onError: (line) => this.#say(line),
    });
    this.#stalled = setTimeout(() => {
      this.#say(`nothing happened for ${STALL_MS / 1000} s, so it was stopped`);
      this.stop();
    }, STALL_MS);
    this.ended = this.#child.ended.then((how) => {
      this.#hasEnded = true;
      clearTimeout(this.#stalled);
      return how;
    });
  }

  /** The last lines that it and its processes wrote on stderr. */
  get said(): readonly string[] {
    return this.#said;
  }

  /** Whether no fault can be injected any more. */
  isOver(): boolean {
    return this.#hasEnded || this.record.finished !== undefined;
  }

  /** Ends it in good order; the second time at once. */
  stop(): void {
    this.#child.kill('SIGTERM');
    setTimeout(() => this.#child.kill('SIGKILL'), STOP_GRACE_MS).unref();
  }

  #say(line: string): void {
    if (this.#said.push(line) > MOST_LINES) this.#said.shift();
  }
}
