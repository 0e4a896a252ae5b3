import type { ShardQueue } from '@lockstep/queue';
import type { Clock } from './clock.js';

const RETRY_MS = 200;

/** Resolves once the queue can be reached again; asks it until then, or until the signal. */
export async function queueReturns(
  queue: Pick<ShardQueue, 'health'>,
  signal: AbortSignal,
  clock: Clock,
): Promise<void> {
  while (!signal.aborted) {
    const { up } = await queue.health();
    if (up) return;
    await clock.sleep(RETRY_MS);
  }
}
