import swagger from '@fastify/swagger';
import { LockstepError } from '@lockstep/core';
import fastify from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { guardApp, type GuardedRoute } from '../auth/guard.js';
import { addLoginRoutes } from '../auth/login-routes.js';
import type { HttpAccess } from '../auth/roles.js';
import { addCheckpointRoutes } from '../checkpoints/checkpoint-routes.js';
import type { EventFeed } from '../events/event-feed.js';
import { addEventRoute } from '../events/event-route.js';
import { EventStreams } from '../events/event-streams.js';
import { addFaultRoutes } from '../faults/fault-routes.js';
import { QueueBoard } from '../faults/queue-board.js';
import { addHistoryRoutes } from '../history/history-routes.js';
import { addNetworkRoutes } from '../network/network-routes.js';
import { addPageRoutes } from '../page/page-routes.js';
import { RunMetrics } from '../probes/metrics.js';
import { addProbeRoutes } from '../probes/probe-routes.js';
import type { RunControl } from '../run/run-control.js';
import { addRunRoutes } from '../run/run-routes.js';
import { addRunListRoutes } from '../run-list/run-list-routes.js';
import { addTimelineRoutes } from '../steps/timeline-routes.js';
import { addWorkerRoutes } from '../workers/worker-routes.js';
import type { CurrentRun } from './current-run.js';
import type { HttpApp, OnAdmitted } from './http-listener.js';
import { checkOrigin } from './own-origin.js';
import { problemOf } from './problem.js';
import { RouteParts, type TypedApp } from './route-parts.js';

/** The app behind the listener. */
export interface ApiApp extends HttpApp {
  /** The API as an OpenAPI document. */
  describe(): object;
  /** Every route with the role that it requires. */
  readonly routes: readonly GuardedRoute[];
}

/** Longer than any request body of the API, but for pictures. */
const MOST_BODY_BYTES = 16_384;

/**
 * Makes the HTTP API: every route of the run that `current` holds.
 *
 * @param given.boundHost the address it listens on
 * @param given.dashboard the folder of the built dashboard; undefined: none is served
 * @param given.onAdmitted called for each request that is permitted by its credentials
 * @param given.access who may use it
 */
export async function createApp(given: {
  readonly feed: EventFeed;
  readonly current: CurrentRun;
  readonly control: RunControl;
  readonly boundHost: string;
  readonly access: HttpAccess;
  readonly dashboard: string | undefined;
  readonly onAdmitted: OnAdmitted;
}): Promise<ApiApp> {
  const { feed, current, control, access } = given;
  const app = typedApp(given.boundHost);
  const routes = await guardApp(app, access, given.onAdmitted);
  await describeApp(app);
  const metrics = new RunMetrics();
  const streams = new EventStreams(feed);
  const parts = new RouteParts(feed, current, control, (event) => metrics.observe(event));
  const board = new QueueBoard(current);
  addLoginRoutes(app, access);
  addProbeRoutes(app, parts, metrics);
  addRunRoutes(app, parts);
  addHistoryRoutes(app, parts);
  addRunListRoutes(app, parts);
  addWorkerRoutes(app, parts);
  addFaultRoutes(app, parts);
  addCheckpointRoutes(app, parts);
  addTimelineRoutes(app, parts);
  addNetworkRoutes(app, parts);
  addEventRoute(app, streams, access);
  app.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger());
  board.addRoutes(app);
  await addPageRoutes(app, given.dashboard);
  await app.ready();
  return {
    routes,
    handle: (request, response) => app.routing(request, response),
    describe: () => app.swagger(),
    close: async () => {
      streams.close();
      await board.close();
      await parts.close();
    },
  };
}

async function describeApp(app: TypedApp): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Lockstep coordinator',
        description: 'Observe and control a run.',
        version: '1',
      },
    },
    transform: jsonSchemaTransform,
    transformObject: withoutInputs,
  });
}

/** Drops the input variants of named schemas: only responses use them. */
function withoutInputs(given: Parameters<typeof jsonSchemaTransformObject>[0]) {
  const document = jsonSchemaTransformObject(given);
  if (!('components' in document)) return document;
  const schemas = Object.entries(document.components?.schemas ?? {}).filter(
    ([name]) => !name.endsWith('Input'),
  );
  return { ...document, components: { schemas: Object.fromEntries(schemas) } };
}

function typedApp(boundHost: string): TypedApp {
  const app = fastify({
    bodyLimit: MOST_BODY_BYTES,
    forceCloseConnections: false,
    frameworkErrors: (error, _request, { raw }) => {
      const { status, body } = problemOf(error);
      raw.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', (request, _reply, done) => {
    const { host, origin } = request.headers;
    checkOrigin({ method: request.method, host, origin }, boundHost);
    done();
  });
  app.setErrorHandler((error, _request, reply) => {
    const { status, body } = problemOf(error);
    if (body.error.code === 'internal') {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
    if (status === 503) reply.header('retry-after', '1');
    return reply.status(status).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = `${request.method} ${request.url.slice(0, 200)}`;
    const { body } = problemOf(new LockstepError('bad-request', `there is no ${path}`));
    return reply.status(404).send(body);
  });
  return app;
}
