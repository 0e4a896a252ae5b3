import type { RunHistory } from '../history/run-history.js';
import type { LedRun } from '../run-view.js';
import { remember } from '../server/caching.js';
import type { RouteParts, TypedApp } from '../server/route-parts.js';
import { problem } from '../server/schemas.js';
import { reportAlarms } from './alarms-report.js';
import { BOARD } from './queue-board.js';
import { alarmsReport, queueReport, type QueueReport } from './schemas.js';

/** Redis is asked at most this often, however many pages are open. */
const QUEUE_EVERY_MS = 500;

const problems = { 400: problem, 503: problem };

/** The queue of shards, and the alarms. */
export function addFaultRoutes(app: TypedApp, parts: RouteParts): void {
  const queue = remember(QUEUE_EVERY_MS, async () => readQueue(await parts.run()));
  app.get(
    '/api/queue',
    {
      schema: {
        summary: 'the queue of shards, and the shards issued again',
        response: { 200: queueReport, ...problems },
      },
    },
    async () => reportQueue(await queue(), await parts.history()),
  );
  app.get(
    '/api/alarms',
    {
      schema: {
        summary: 'active and past alarms, each with a remedy',
        response: { 200: alarmsReport, ...problems },
      },
    },
    async () => {
      const { view } = await parts.run();
      return { alarms: [...reportAlarms(view, await parts.history())] };
    },
  );
}

type QueueState = Pick<QueueReport, 'redis' | 'jobs'>;

/** Asks Redis; where it does not respond, the state says so. */
async function readQueue({ queue }: LedRun): Promise<QueueState> {
  const [health, jobs] = await Promise.all([queue.health(), queue.counts().catch(() => null)]);
  const { up, latencyMs = null, reason = null } = health;
  return { redis: { up: up && jobs !== null, latencyMs, reason }, jobs: jobs && { ...jobs } };
}

function reportQueue(state: QueueState, { reissued, lastReissues }: RunHistory): QueueReport {
  return { ...state, reissued, lastReissues: [...lastReissues], board: BOARD };
}
