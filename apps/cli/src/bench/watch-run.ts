import type { StepTimelineRow, TimelineReport } from '@lockstep/observe';
import { LockstepError, type RunEvent } from '@lockstep/core';

type Listening = Extract<RunEvent, { event: 'listening' }>;
type Started = Extract<RunEvent, { event: 'run-started' }>;

export interface MeasuredSteps {
  readonly seconds: number;
  /** How many were measured. */
  readonly steps: number;
  readonly started: Started;
  readonly timelines: readonly StepTimelineRow[];
}

/** The steps to measure: those after `from` up to `to`, or up to the first that ends `seconds` later. */
export interface StepWindow {
  readonly from: number;
  readonly to: number;
  readonly seconds?: number;
}

/**
 * Follows a run by the lines that it prints, and measures some of its steps. Every promise rejects with
 * `run-failed` when the run ends before: `ended` is its exit code or the signal that ended it.
 */
export class WatchedRun {
  readonly #window: StepWindow;
  readonly #listeners = new Set<() => void>();
  /** What it printed on stderr, for the error message. */
  readonly #said: string[] = [];
  #listening: Listening | undefined;
  #started: Started | undefined;
  /** Both in milliseconds of `performance.now`. */
  #begun: number | undefined;
  #done: { readonly at: number; readonly step: number } | undefined;

  constructor(window: StepWindow) {
    this.#window = window;
  }

  /** Takes a line of the run's stdout. */
  readLine(line: string): void {
    const at = performance.now();
    const event = JSON.parse(line) as RunEvent;
    if (event.event === 'listening') this.#listening = event;
    if (event.event === 'run-started') this.#started = event;
    if (event.event === 'step') this.#noteStep(event.step, at);
    for (const listen of this.#listeners) listen();
  }

  /** Takes a line of the run's stderr. */
  readError(line: string): void {
    this.#said.push(line);
  }

  /** Where the coordinator serves. */
  listening(ended: Promise<number | string>): Promise<Listening> {
    return this.#until(ended, () => this.#listening);
  }

  /** How the run began. */
  started(ended: Promise<number | string>): Promise<Started> {
    return this.#until(ended, () => this.#started);
  }

  /** Resolves once the warm-up is over. */
  async warm(ended: Promise<number | string>): Promise<void> {
    await this.#until(ended, () => this.#begun);
  }

  /** The time from the end of the warm-up to that of the last measured step. */
  async measured(ended: Promise<number | string>): Promise<MeasuredSteps> {
    const last = await this.#until(ended, () => this.#done);
    const timelines = await timelinesAt(this.#listening?.http);
    const [begun, started] = [this.#begun, this.#started];
    if (begun === undefined || !started) throw this.#tooEarly('no first step');
    const { from } = this.#window;
    return {
      seconds: (last.at - begun) / 1000,
      steps: last.step - from,
      started,
      timelines: timelines.filter(({ step }) => step > from && step <= last.step),
    };
  }

  #noteStep(step: number, at: number): void {
    const { from, to, seconds = Infinity } = this.#window;
    if (step === from) this.#begun = at;
    const isLate = this.#begun !== undefined && step > from && at - this.#begun >= seconds * 1000;
    if (!this.#done && (step === to || isLate)) this.#done = { at, step };
  }

  #until<Value>(ended: Promise<number | string>, find: () => Value | undefined): Promise<Value> {
    return new Promise((resolve, reject) => {
      const listen = (): void => {
        const found = find();
        if (found === undefined) return;
        this.#listeners.delete(listen);
        resolve(found);
      };
      this.#listeners.add(listen);
      listen();
      void ended.then((code) => reject(this.#tooEarly(code)));
    });
  }

  #tooEarly(how: number | string): LockstepError {
    const what = [`the measured run ended with ${how}`, ...this.#said].join('\n');
    return new LockstepError('run-failed', what, {
      remedy: 'try the same with `lockstep train`',
    });
  }
}

async function timelinesAt(http: string | undefined): Promise<readonly StepTimelineRow[]> {
  const response = await fetch(`${http}/api/timeline`);
  return ((await response.json()) as TimelineReport).steps;
}
