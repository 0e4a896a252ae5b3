/** When the last message of a stream came, and the time of this reading, in milliseconds of one clock. */
export interface Hearing {
  readonly heardAt: number;
  readonly lookedAt: number;
}

export interface SilenceLimits {
  /** The coordinator says every second that it is alive; after this silence it does not respond. */
  readonly staleMs: number;
  /** After this silence the connection is given up, and another one opened. */
  readonly deadMs: number;
  /** No look for this long: the machine slept, or the browser had stopped the page's timers. */
  readonly sleptMs: number;
}

export type Silence = 'none' | 'stale' | 'dead' | 'slept';

/** What a silence means. After a sleep nothing is known: what was sent meanwhile may still arrive. */
export function judgeSilence(
  { heardAt, lookedAt }: Hearing,
  now: number,
  { staleMs, deadMs, sleptMs }: SilenceLimits,
): Silence {
  if (now - lookedAt > sleptMs || now < lookedAt) return 'slept';
  const silentMs = now - heardAt;
  if (silentMs > deadMs) return 'dead';
  return silentMs > staleMs ? 'stale' : 'none';
}
