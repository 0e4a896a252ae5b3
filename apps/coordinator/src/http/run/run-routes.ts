import type { RouteParts, TypedApp } from '../route-parts.js';
import { problem } from '../schemas.js';
import { reportRun } from './run-report.js';
import { runReport } from './schemas.js';

/** How the run stands. */
export function addRunRoutes(app: TypedApp, parts: RouteParts): void {
  app.get(
    '/api/run',
    {
      schema: {
        summary: 'how the run stands',
        response: { 200: runReport, 400: problem, 503: problem },
      },
    },
    async () => reportRun(await parts.run(), await parts.history(), parts.feed),
  );
}
