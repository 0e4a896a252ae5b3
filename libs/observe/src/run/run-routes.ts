import { z } from 'zod';
import type { RouteParts, TypedApp } from '../server/route-parts.js';
import { problem } from '../server/schemas.js';
import { reportRun } from './run-report.js';
import { controlAnswer, runReport, scaleAnswer, scaleRequest } from './schemas.js';

const problems = { 400: problem, 403: problem, 409: problem, 503: problem };
const responses = { 200: controlAnswer, ...problems };
/** No body; an empty one or `{}` is accepted. */
const nothing = z.strictObject({}).nullish();

const routes = {
  run: {
    schema: {
      summary: 'the run’s state and its current figures',
      response: { 200: runReport, 400: problem, 503: problem },
    },
  },
  pause: {
    schema: { summary: 'finish the open step and pause', body: nothing, response: responses },
  },
  resume: { schema: { summary: 'continue after a pause', body: nothing, response: responses } },
  stop: {
    schema: {
      summary: 'save the run and end it; responds when that is done',
      body: nothing,
      response: responses,
    },
  },
  scale: {
    schema: {
      summary: 'start or drain workers until there are this many',
      body: scaleRequest,
      response: { 200: scaleAnswer, ...problems },
    },
  },
};

/** The run's state, and its control. */
export function addRunRoutes(app: TypedApp, parts: RouteParts): void {
  const { control, current, feed } = parts;
  app.get('/api/run', routes.run, async () => {
    const { view, commands } = await parts.run();
    const history = await parts.history();
    return reportRun(view, history, {
      scaler: commands.scaler,
      wantedWorkers: control.wantedWorkers,
      stays: current.stays,
      lastEventId: feed.lastId,
    });
  });
  app.post('/api/run/pause', routes.pause, () => control.pause());
  app.post('/api/run/resume', routes.resume, () => control.resume());
  app.post('/api/run/stop', routes.stop, () => control.stop());
  app.post('/api/workers/scale', routes.scale, ({ body }) => control.scale(body.workers));
}
