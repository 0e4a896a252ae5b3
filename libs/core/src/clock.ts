import { setTimeout as delay } from 'node:timers/promises';

/** The time of a run: the system clock, or a simulated one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `act` every `ms` milliseconds; returns a function that stops it. */
  every(ms: number, act: () => void): () => void;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  every: (ms, act) => {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
  sleep: (ms) => delay(ms, undefined, { ref: false }),
};
