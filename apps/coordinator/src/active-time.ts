/** A clock that stands still while a run makes no progress: what it measures is training time. */
export interface ActiveTime {
  /** Milliseconds of training so far; never falls. */
  now(): number;
  /**
   * To be called whenever the run may have begun or ceased to wait, and regularly between: a longer
   * silence means that this process itself was stopped.
   *
   * @param idle whether the time from now on is spent waiting
   */
  look(idle: boolean): void;
}

/** Between two looks; longer than the event loop is ever blocked, shorter than what spoils a chart. */
const SUSPENDED_MS = 2_000;

/**
 * @param clock milliseconds; the run waits at first
 */
export function createActiveTime(clock: () => number): ActiveTime {
  let idle = true;
  let lookedAt = clock();
  let lostMs = 0;
  const look = (): number => {
    const at = clock();
    const passed = Math.max(0, at - lookedAt);
    if (idle || passed > SUSPENDED_MS) lostMs += passed;
    // A clock set back takes nothing away from what was measured.
    lostMs += Math.min(0, at - lookedAt);
    lookedAt = at;
    return at - lostMs;
  };
  return {
    now: look,
    look: (nextIdle) => {
      look();
      idle = nextIdle;
    },
  };
}
