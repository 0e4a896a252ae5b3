import type { RouteParts, TypedApp } from '../route-parts.js';
import { problem } from '../schemas.js';
import { liveStepsReport, stepsQuery } from './schemas.js';
import { reportSteps } from './steps-report.js';

/** The curves. */
export function addStepRoutes(app: TypedApp, parts: RouteParts): void {
  app.get(
    '/api/steps',
    {
      schema: {
        summary: 'the steps from one to another, at most `points` of them, and the evaluations',
        querystring: stepsQuery,
        response: { 200: liveStepsReport, 400: problem, 503: problem },
      },
    },
    async ({ query }) => ({
      ...reportSteps(await parts.history(), query),
      lastEventId: parts.feed.lastId,
    }),
  );
}
