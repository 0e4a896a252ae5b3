import type { RunEvent } from '@lockstep/core';
import { startChild } from '../local/child.js';
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

/** A `lockstep train` that runs or has ended. */
export interface Training {
  readonly record: TrainingRecord;
  /** The last lines that it and its processes wrote on stderr. */
  readonly said: readonly string[];
  /** Resolves to its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Whether no fault can be injected any more. */
  isOver(): boolean;
  /** Ends it in good order; the second time at once. */
  stop(): void;
}

const MOST_LINES = 200;
/** A run without any event for this long hangs: it is stopped, and that is a finding. */
const STALL_MS = 240_000;
/** `lockstep train` ends everything by force before this. */
const STOP_GRACE_MS = 40_000;

/** @param args of `lockstep train`, without `--json` */
export function startTraining(args: readonly string[]): Training {
  const record = new TrainingRecord();
  const said: string[] = [];
  const say = (line: string): void => void (said.push(line) > MOST_LINES && said.shift());
  const child = startChild(['train', ...args, '--json'], {
    onLine: (line) => {
      stalled.refresh();
      record.hear(JSON.parse(line) as RunEvent, performance.now());
    },
    onError: say,
  });
  const stop = (): void => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS).unref();
  };
  const stalled = setTimeout(() => {
    say(`nothing happened for ${STALL_MS / 1000} s, so it was stopped`);
    stop();
  }, STALL_MS);
  let gone = false;
  const ended = child.ended.then((how) => {
    gone = true;
    clearTimeout(stalled);
    return how;
  });
  const isOver = (): boolean => gone || record.finished !== undefined;
  return { record, said, ended, isOver, stop };
}
