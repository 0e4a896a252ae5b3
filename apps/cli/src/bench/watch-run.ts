import type { StepTimelineRow, TimelineReport } from '@lockstep/observe';
import { LockstepError, type RunEvent } from '@lockstep/core';

type Started = Extract<RunEvent, { event: 'run-started' }>;

/** A run's lines as they come, and what they say of some of its steps. */
export interface WatchedRun {
  hear(line: string): void;
  /** Where the coordinator serves; rejects as `measured` does. */
  listening(ended: Promise<number | string>): Promise<Extract<RunEvent, { event: 'listening' }>>;
  /** How the run began; rejects as `measured` does. */
  started(ended: Promise<number | string>): Promise<Started>;
  /** Resolves once step `from` is over. */
  warm(ended: Promise<number | string>): Promise<void>;
  /** The time from the end of step `from` to that of step `to`. Rejects when the run ends before. */
  measured(ended: Promise<number | string>): Promise<MeasuredSteps>;
}

export interface MeasuredSteps {
  readonly seconds: number;
  /** How many were measured. */
  readonly steps: number;
  readonly started: Started;
  readonly timelines: readonly StepTimelineRow[];
}

/**
 * @param window the steps to measure: those after `from` up to `to`, or up to the first that ends
 *   `seconds` after `from`
 */
export function watchRun(window: { from: number; to: number; seconds?: number }): WatchedRun {
  const { from, to, seconds = Infinity } = window;
  const heard: { listening?: Extract<RunEvent, { event: 'listening' }>; started?: Started } = {};
  let begun: number | undefined;
  let done: { at: number; step: number } | undefined;
  const listeners = new Set<() => void>();

  const until = <Value>(
    ended: Promise<number | string>,
    look: () => Value | undefined,
  ): Promise<Value> =>
    new Promise((resolve, reject) => {
      const listen = (): void => {
        const found = look();
        if (found === undefined) return;
        listeners.delete(listen);
        resolve(found);
      };
      listeners.add(listen);
      listen();
      void ended.then((code) => reject(tooEarly(code)));
    });

  return {
    hear: (line) => {
      const at = performance.now();
      const event = JSON.parse(line) as RunEvent;
      if (event.event === 'listening') heard.listening = event;
      if (event.event === 'run-started') heard.started = event;
      if (event.event === 'step') {
        const { step } = event;
        if (step === from) begun = at;
        const late = begun !== undefined && step > from && at - begun >= seconds * 1000;
        if (!done && (step === to || late)) done = { at, step };
      }
      for (const listen of listeners) listen();
    },
    listening: (ended) => until(ended, () => heard.listening),
    started: (ended) => until(ended, () => heard.started),
    warm: async (ended) => void (await until(ended, () => begun)),
    measured: async (ended) => {
      const last = await until(ended, () => done);
      const timelines = await timelinesAt(heard.listening?.http);
      if (begun === undefined || !heard.started) throw tooEarly('no first step');
      return {
        seconds: (last.at - begun) / 1000,
        steps: last.step - from,
        started: heard.started,
        timelines: timelines.filter(({ step }) => step > from && step <= last.step),
      };
    },
  };
}

async function timelinesAt(http: string | undefined): Promise<readonly StepTimelineRow[]> {
  const response = await fetch(`${http}/api/timeline`);
  return ((await response.json()) as TimelineReport).steps;
}

function tooEarly(how: number | string): LockstepError {
  return new LockstepError('run-failed', `the run that was to be measured ended with ${how}`, {
    remedy: 'try the same with `lockstep train`, and see what it says',
  });
}
