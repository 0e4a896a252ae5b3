import type { RouteParts, TypedApp } from '../route-parts.js';
import { problem } from '../schemas.js';
import { createWrittenOnce } from '../write-once.js';
import { activityReport } from './schemas.js';

/** What happened in a run beside its steps. */
export function addActivityRoutes(app: TypedApp, parts: RouteParts): void {
  const once = createWrittenOnce();
  app.get(
    '/api/activity',
    {
      serializerCompiler: once.serializerCompiler,
      schema: {
        summary: 'what happened beside the steps, whoever led the run, the newest first',
        response: { 200: activityReport, 400: problem, 503: problem },
      },
    },
    async () => {
      const { activity } = await parts.history();
      const lastEventId = parts.feed.lastId;
      return once.keep(lastEventId, () => ({ events: [...activity], lastEventId }));
    },
  );
}
