import { BOARD } from './queue-board.js';
import { problem } from '../schemas.js';
import { remember } from '../remember.js';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { reportAlarms } from './alarms-report.js';
import { askQueue, reportQueue } from './queue-report.js';
import { alarmsReport, queueReport } from './schemas.js';

/** However many pages are open, Redis is asked no more often. */
const QUEUE_EVERY_MS = 500;

const problems = { 400: problem, 503: problem };

/** What goes wrong. */
export function addFaultRoutes(app: TypedApp, parts: RouteParts): void {
  const queue = remember(QUEUE_EVERY_MS, async () => askQueue(await parts.run()));
  app.get(
    '/api/queue',
    {
      schema: {
        summary: 'the queue of shards, and what was handed out again',
        response: { 200: queueReport, ...problems },
      },
    },
    async () => reportQueue(await queue(), await parts.history(), BOARD),
  );
  app.get(
    '/api/alarms',
    {
      schema: {
        summary: 'what is wrong, what was, and what to do about it',
        response: { 200: alarmsReport, ...problems },
      },
    },
    async () => {
      const { startedAt } = parts.feed;
      const run = await parts.run();
      return { alarms: [...reportAlarms(run, await parts.history(), startedAt, Date.now())] };
    },
  );
}
