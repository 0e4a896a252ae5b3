import type { RouteParts, TypedApp } from '../route-parts.js';
import { problem } from '../schemas.js';
import { createWrittenOnce } from '../write-once.js';
import { liveStepsReport, stepsQuery } from './schemas.js';
import { reportSteps } from './steps-report.js';

/** The curves. */
export function addStepRoutes(app: TypedApp, parts: RouteParts): void {
  const once = createWrittenOnce();
  app.get(
    '/api/steps',
    {
      serializerCompiler: once.serializerCompiler,
      schema: {
        summary: 'the steps from one to another, at most `points` of them, and the evaluations',
        querystring: stepsQuery,
        response: { 200: liveStepsReport, 400: problem, 503: problem },
      },
    },
    async ({ query }) => {
      const history = await parts.history();
      const lastEventId = parts.feed.lastId;
      return once.keep(`${lastEventId} ${JSON.stringify(query)}`, () => ({
        ...reportSteps(history, query),
        lastEventId,
      }));
    },
  );
}
