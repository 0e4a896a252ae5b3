import type { LedRun } from '../led-run.js';
import type { Gathered } from '../history/event-gatherer.js';
import type { QueueReport } from './schemas.js';

/** What of the queue can be seen without looking into it. */
export type QueueState = Pick<QueueReport, 'redis' | 'jobs'>;

/** Asks Redis; where it does not answer, that is the answer. */
export async function askQueue({ queue }: Pick<LedRun, 'queue'>): Promise<QueueState> {
  const [health, jobs] = await Promise.all([queue.health(), queue.counts().catch(() => null)]);
  const { up, latencyMs = null, reason = null } = health;
  return { redis: { up: up && jobs !== null, latencyMs, reason }, jobs: jobs && { ...jobs } };
}

/** @param board where the queue can be looked into */
export function reportQueue(
  state: QueueState,
  { reissued, lastReissues }: Gathered,
  board: string,
): QueueReport {
  return { ...state, reissued, lastReissues: [...lastReissues], board };
}
