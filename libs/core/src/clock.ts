import { setTimeout as delay } from 'node:timers/promises';

/** Time, as a run sees it: the machine's own, or a simulation's. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `act` every so many milliseconds; returns what ends it. */
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
