import { ReportCache } from '../server/caching.js';
import type { RouteParts, TypedApp } from '../server/route-parts.js';
import { problem } from '../server/schemas.js';
import { reportSteps } from './kept-steps.js';
import {
  activityReport,
  liveStepsReport,
  stepsQuery,
  type ActivityReport,
  type LiveStepsReport,
} from './schemas.js';

/** The run's curves, and its events beside the steps. */
export function addHistoryRoutes(app: TypedApp, parts: RouteParts): void {
  const steps = new ReportCache<LiveStepsReport>();
  app.get(
    '/api/steps',
    {
      serializerCompiler: () => steps.write,
      schema: {
        summary: 'the steps in a range, at most `points` of them, and the evaluations',
        querystring: stepsQuery,
        response: { 200: liveStepsReport, 400: problem, 503: problem },
      },
    },
    async ({ query }) => {
      const history = await parts.history();
      const { lastId: lastEventId } = parts.feed;
      return steps.keep(`${lastEventId} ${JSON.stringify(query)}`, () => ({
        ...reportSteps(history, query),
        lastEventId,
      }));
    },
  );
  const activity = new ReportCache<ActivityReport>();
  app.get(
    '/api/activity',
    {
      serializerCompiler: () => activity.write,
      schema: {
        summary: 'the events beside the steps, of all coordinators that led the run, newest first',
        response: { 200: activityReport, 400: problem, 503: problem },
      },
    },
    async () => {
      const { activity: events } = await parts.history();
      const { lastId: lastEventId } = parts.feed;
      return activity.keep(lastEventId, () => ({ events: [...events], lastEventId }));
    },
  );
}
