import type { Clock, MachineState } from '@lockstep/core';

/** Longer than the event loop is ever blocked, shorter than what would distort a chart. */
const SUSPENDED_MS = 2_000;

/** A clock that stands still while a run makes no progress: it measures training time. */
export class ActiveTime {
  readonly #clock: () => number;
  #idle = true;
  #lookedAt: number;
  #lostMs = 0;

  /** @param clock milliseconds of a monotonic clock; the run waits at first */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#lookedAt = clock();
  }

  /** Milliseconds of training so far; never decreases. */
  now(): number {
    const at = this.#clock();
    const passed = at - this.#lookedAt;
    if (this.#idle || passed > SUSPENDED_MS) this.#lostMs += passed;
    this.#lookedAt = at;
    return at - this.#lostMs;
  }

  /**
   * Call it whenever the run may start or stop waiting, and regularly in between: a longer gap means
   * that this process itself was suspended.
   *
   * @param idle whether the time from now on is spent waiting
   */
  look(idle: boolean): void {
    this.now();
    this.#idle = idle;
  }
}

/** A run's training time. */
export class TrainingTime {
  readonly #active: ActiveTime;

  constructor(clock: Pick<Clock, 'monotonicNow'>) {
    this.#active = new ActiveTime(() => clock.monotonicNow());
  }

  /** Milliseconds of training so far. */
  now(): number {
    return this.#active.now();
  }

  /** Notes whether the run makes progress; a pause begins when the open step is committed. */
  look({ condition, current }: MachineState): void {
    const idle =
      condition.state === 'waiting-for-workers' ||
      (condition.state === 'paused' && current === undefined);
    this.#active.look(idle);
  }
}
