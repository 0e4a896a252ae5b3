import { LockstepError } from '@lockstep/core';
import { z } from 'zod';
import type { TypedApp } from '../route-parts.js';
import { defaultStreamLimits, type EventStreams } from './event-streams.js';

const query = z.strictObject({
  /** For a reader that has just loaded `/api/run`; a browser that comes back sends the header. */
  lastEventId: z.string().max(100).exactOptional(),
});

/** Server-sent events: the run's events as `--json` prints them, with `at`. */
export function addEventRoute(app: TypedApp, streams: EventStreams): void {
  app.get(
    '/api/events',
    {
      exposeHeadRoute: false,
      schema: { summary: 'the run’s events as they happen', querystring: query },
    },
    (request, reply) => {
      if (streams.count >= defaultStreamLimits.mostStreams) {
        throw new LockstepError('not-ready', `${streams.count} readers follow the events already`, {
          remedy: 'close some, or read /api/steps instead',
        });
      }
      const header = request.headers['last-event-id'];
      reply.hijack();
      streams.open(reply.raw, typeof header === 'string' ? header : request.query.lastEventId);
    },
  );
}
