import { z } from 'zod';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { createRunControl, type RunControl } from './run-control.js';
import { problem } from '../schemas.js';
import { controlAnswer, scaleAnswer, scaleRequest } from './schemas.js';

/** A stop saves the run before it answers; a client that waits no longer asks again. */
const STOP_PATIENCE_MS = 60_000;

const problems = { 400: problem, 403: problem, 409: problem, 503: problem };
const responses = { 200: controlAnswer, ...problems };
/** These take no body; an empty one or `{}` is none. */
const nothing = z.strictObject({}).nullish();

/** What a person may do to a run. */
export function addControlRoutes(app: TypedApp, parts: RouteParts): void {
  const control = async (): Promise<RunControl> => createRunControl(await parts.run());
  app.post(
    '/api/run/pause',
    { schema: { summary: 'finish the open step and wait', body: nothing, response: responses } },
    async () => (await control()).pause(),
  );
  app.post(
    '/api/run/resume',
    { schema: { summary: 'go on after a pause', body: nothing, response: responses } },
    async () => (await control()).resume(),
  );
  app.post(
    '/api/run/stop',
    {
      schema: {
        summary: 'save the run and end; answers when that is done',
        body: nothing,
        response: responses,
      },
    },
    async () => (await control()).stop(STOP_PATIENCE_MS),
  );
  app.post(
    '/api/workers/scale',
    {
      schema: {
        summary: 'start or drain workers until there are so many',
        body: scaleRequest,
        response: { 200: scaleAnswer, ...problems },
      },
    },
    async ({ body: { workers } }) => (await control()).scale(workers),
  );
}
