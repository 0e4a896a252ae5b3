import { LockstepError } from '@lockstep/core';
import { z } from 'zod';
import type { HttpAccess } from '../auth/roles.js';
import { mayStillRead } from '../auth/sessions.js';
import type { TypedApp } from '../server/route-parts.js';
import { problem } from '../server/schemas.js';
import type { EventStreams } from './event-streams.js';
import { runEvent } from './schemas.js';

const query = z.strictObject({
  /** For a reader that has just loaded `/api/run`; a browser that reconnects sends the header. */
  lastEventId: z.string().max(100).exactOptional(),
});

/** Server-sent events: the run's events as `--json` prints them, with `at`. */
export function addEventRoute(app: TypedApp, streams: EventStreams, access: HttpAccess): void {
  app.get(
    '/api/events',
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'the run’s events as they happen',
        querystring: query,
        response: {
          200: {
            description:
              'server-sent events: the data of each is a RunEvent, its id resumes the stream; one named `gap` means that older events are no longer kept',
            content: { 'text/event-stream': { schema: runEvent } },
          },
          400: problem,
          503: problem,
        },
      },
    },
    (request, reply) => {
      if (streams.isFull) {
        throw new LockstepError('not-ready', `${streams.count} readers follow the events already`, {
          remedy: 'close some, or read /api/steps instead',
        });
      }
      const header = request.headers['last-event-id'];
      reply.hijack();
      const lastId = typeof header === 'string' ? header : request.query.lastEventId;
      streams.open(reply.raw, lastId, () => mayStillRead(access, request));
    },
  );
}
