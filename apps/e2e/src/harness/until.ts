import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Asks again and again until `ask` gives something, and returns it.
 *
 * @param what what is waited for, for the message of the error
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
