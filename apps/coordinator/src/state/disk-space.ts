import type { Clock, LockstepError, RunEvent } from '@lockstep/core';
import { isFull } from '@lockstep/store';
import { unlessAborted, type RunEnding } from '../run/run-end.js';
import type { StepShell } from '../steps/step-shell.js';

const RETRY_MS = 1_000;

/** Makes a run's writes wait for free disk space instead of failing; the run is paused meanwhile. */
export class DiskSpace {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #ending: Pick<RunEnding, 'signal'>;
  readonly #steps: Pick<StepShell, 'handle'>;
  readonly #emit: (event: RunEvent) => void;
  /** How many writes wait. */
  #waiting = 0;

  constructor(parts: {
    readonly clock: Pick<Clock, 'sleep'>;
    readonly ending: Pick<RunEnding, 'signal'>;
    readonly steps: Pick<StepShell, 'handle'>;
    readonly emit: (event: RunEvent) => void;
  }) {
    this.#clock = parts.clock;
    this.#ending = parts.ending;
    this.#steps = parts.steps;
    this.#emit = parts.emit;
  }

  /**
   * Does `work`, and repeats it every second for as long as it fails with `disk-full`.
   *
   * @throws the other errors of `work`; the ending's reason once the run is ending
   */
  async untilFree<Value>(work: () => Value | Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      if (!isFull(error) || this.#ending.signal.aborted) throw error;
      return this.#retry(work, error);
    }
  }

  async #retry<Value>(work: () => Value | Promise<Value>, error: LockstepError): Promise<Value> {
    if (this.#waiting === 0) {
      const reason = `${error.message}: free some space and the run goes on by itself`;
      this.#emit({ event: 'alarm', code: 'disk-full', message: reason });
      this.#steps.handle({ type: 'disk-full', reason });
    }
    this.#waiting += 1;
    try {
      for (;;) {
        await unlessAborted(this.#ending.signal, this.#clock.sleep(RETRY_MS));
        try {
          return await work();
        } catch (again) {
          if (!isFull(again)) throw again;
        }
      }
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#steps.handle({ type: 'disk-freed' });
    }
  }
}
