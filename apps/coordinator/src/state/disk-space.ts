import { LockstepError, type Clock, type RunEvent } from '@lockstep/core';
import { isFull } from '@lockstep/store';
import { unlessAborted, type RunEnding } from '../run/run-end.js';
import type { StepShell } from '../steps/step-shell.js';

const RETRY_MS = 1_000;

/**
 * Makes a run's writes wait for free disk space, or for the end of another passing failure, such as
 * too many open files, instead of failing; the run is paused meanwhile.
 */
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
   * Does `work`, and repeats it every second for as long as it fails for a passing reason.
   *
   * @throws the other errors of `work`; the ending's reason once the run is ending
   */
  async untilFree<Value>(work: () => Value | Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (thrown) {
      const error = LockstepError.from(thrown);
      if (!error.passing || this.#ending.signal.aborted) throw thrown;
      return this.#retry(work, error);
    }
  }

  async #retry<Value>(work: () => Value | Promise<Value>, error: LockstepError): Promise<Value> {
    if (this.#waiting === 0) {
      const [code, remedy] = isFull(error)
        ? (['disk-full', 'free some space and the run goes on by itself'] as const)
        : (['disk-failing', 'the run goes on by itself once this is over'] as const);
      const reason = `${error.message}: ${remedy}`;
      this.#emit({ event: 'alarm', code, message: reason });
      this.#steps.handle({ type: 'disk-full', reason });
    }
    this.#waiting += 1;
    try {
      for (;;) {
        await unlessAborted(this.#ending.signal, this.#clock.sleep(RETRY_MS));
        try {
          return await work();
        } catch (again) {
          if (!LockstepError.from(again).passing) throw again;
        }
      }
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#steps.handle({ type: 'disk-freed' });
    }
  }
}
