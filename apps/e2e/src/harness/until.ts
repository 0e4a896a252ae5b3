import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Repeats `ask` until it returns a truthy value, and returns that.
 *
 * @param what the awaited condition, for the error's message
 * @throws Error after `limitMs`
 */
export async function until<Value>(
  what: string,
  ask: () => Value | undefined | false | Promise<Value | undefined | false>,
  limitMs = 60_000,
): Promise<Value> {
  for (const end = performance.now() + limitMs; ;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}
