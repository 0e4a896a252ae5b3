import { setTimeout as delay } from 'node:timers/promises';
import type { ShardQueue } from '@lockstep/queue';

const RETRY_MS = 200;

/** Resolves once the queue can be reached again; asks it until then, or until the signal. */
export async function queueReturns(queue: ShardQueue, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { up } = await queue.health();
    if (up) return;
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}
