/** Time and timers of a process: the system clock, or a simulated one. */
export interface Clock {
  /** Milliseconds since the epoch, for time stamps: a user or a time server may set it at any time. */
  now(): number;
  /** Milliseconds since an arbitrary moment, for durations and deadlines: nothing sets it. */
  monotonicNow(): number;
  /** Calls `act` once, after `ms` milliseconds; returns a function that cancels this. */
  after(ms: number, act: () => void): () => void;
  /** Calls `act` every `ms` milliseconds; returns a function that ends this. */
  every(ms: number, act: () => void): () => void;
  /** Resolves after `ms` milliseconds, or as soon as the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A moment by both clocks. */
export interface Moment {
  /** Milliseconds since the epoch, for users. */
  readonly at: number;
  /** Milliseconds of the monotonic clock, to measure from. */
  readonly monotonicMs: number;
}

/** The present moment. */
export function presentMoment(clock: Pick<Clock, 'now' | 'monotonicNow'>): Moment {
  return { at: clock.now(), monotonicMs: clock.monotonicNow() };
}

/** The machine's clock. A sleep does not keep the process running. */
export const systemClock: Clock = machineClock(false);

/** The machine's clock, for a process that has nothing else to run for: a sleep keeps it running. */
export const keepAliveClock: Clock = machineClock(true);

function machineClock(sleepKeepsAlive: boolean): Clock {
  return {
    now: Date.now,
    monotonicNow: () => performance.now(),
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    every: (ms, act) => {
      const timer = setInterval(act, ms);
      return () => clearInterval(timer);
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const end = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        if (!sleepKeepsAlive) timer.unref();
        signal?.addEventListener('abort', end, { once: true });
        return undefined;
      }),
  };
}
