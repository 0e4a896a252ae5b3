import swagger from '@fastify/swagger';
import { hasEnded, LockstepError } from '@lockstep/core';
import fastify from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { HttpAccess } from '../access/open-access.js';
import type { EventFeed } from '../event-feed.js';
import { guardApp, type GuardedRoute } from './auth/guard-app.js';
import { addLoginRoutes } from './auth/login-routes.js';
import { createEventStreams } from './events/event-streams.js';
import type { HttpApp } from './http-server.js';
import type { LedRun } from './led-run.js';
import { createRunMetrics } from './probes/metrics.js';
import { checkOrigin } from './border/own-origin.js';
import { problemOf } from './border/problem.js';
import type { RouteParts, TypedApp } from './route-parts.js';
import { addControlRoutes } from './run/control-routes.js';
import { addFaultRoutes } from './faults/fault-routes.js';
import { addRunListRoutes } from './run-list/run-list-routes.js';
import { addEventRoute } from './events/event-route.js';
import { addEvaluationRoutes } from './network/evaluation-routes.js';
import { addNetworkRoutes } from './network/network-routes.js';
import { addProbeRoutes } from './probes/probe-routes.js';
import { addCheckpointRoutes } from './checkpoints/checkpoint-routes.js';
import { addActivityRoutes } from './history/activity-routes.js';
import { addStepRoutes } from './history/step-routes.js';
import { addRunRoutes } from './run/run-routes.js';
import { addQueueBoard } from './faults/queue-board.js';
import { addPageRoutes } from './page/page-routes.js';
import { addWorkerRoutes } from './workers/worker-routes.js';
import { addTimelineRoutes } from './steps/timeline-routes.js';
import { loadRunHistory, type RunHistory } from './history/run-history.js';

/** What answers requests, and says which. */
export interface ApiApp extends HttpApp {
  /** The API as an OpenAPI document. */
  describe(): object;
  /** Every route, and what it asks of whoever calls it. */
  readonly routes: readonly GuardedRoute[];
}

/** Longer than any body that the API takes. */
const MOST_BODY_BYTES = 16_384;
const PATIENCE_MS = 10_000;

/**
 * The coordinator's HTTP API.
 *
 * @param given.led resolves once the run is led; rejects when it never will be
 * @param given.boundHost the address it listens on
 * @param given.dashboard the folder of the built dashboard
 * @param given.access who may come in
 */
export async function createApp(given: {
  readonly feed: EventFeed;
  readonly led: Promise<LedRun>;
  readonly boundHost: string;
  readonly access: HttpAccess;
  readonly dashboard: string | undefined;
  /** What keeps the run from being led, if anything does. */
  readonly waitingFor?: () => string | undefined;
}): Promise<ApiApp> {
  const { feed, led, waitingFor = () => undefined } = given;
  const app = typed(given.boundHost);
  const routes = await guardApp(app, given.access);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Lockstep coordinator',
        description: 'Watch and steer a run.',
        version: '1',
      },
    },
    transform: jsonSchemaTransform,
    transformObject: withComponents,
  });
  const streams = createEventStreams(feed);
  const metrics = createRunMetrics(feed.startedAt);
  let leading: LedRun | undefined;
  led.then(
    (run) => (leading = run),
    () => undefined,
  );
  let history: Promise<RunHistory> | undefined;
  const run = (): Promise<LedRun> => withPatience(led, waitingFor);
  const parts: RouteParts = {
    feed,
    run,
    waitingFor,
    leads: () =>
      leading !== undefined &&
      (leading.stays || !hasEnded(leading.service.collector.state.condition.state)),
    history: async () => {
      const { path } = (await run()).folder;
      history ??= loadRunHistory(`${path}/events.jsonl`, feed, metrics.observe);
      return (await history).gathered;
    },
  };
  addLoginRoutes(app, given.access);
  addProbeRoutes(app, parts, metrics);
  addRunRoutes(app, parts);
  addStepRoutes(app, parts);
  addActivityRoutes(app, parts);
  addRunListRoutes(app, parts);
  addWorkerRoutes(app, parts);
  addFaultRoutes(app, parts);
  addCheckpointRoutes(app, parts);
  addTimelineRoutes(app, parts);
  addNetworkRoutes(app, parts);
  addEvaluationRoutes(app, parts);
  addControlRoutes(app, parts);
  addEventRoute(app, streams, given.access);
  app.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger());
  const board = addQueueBoard(app, parts);
  await addPageRoutes(app, given.dashboard);
  await app.ready();
  return {
    routes,
    handle: (request, response) => app.routing(request, response),
    describe: () => app.swagger(),
    close: async () => {
      streams.close();
      await board.close();
      (await history?.catch(() => undefined))?.close();
    },
  };
}

/** The schemas that have a name, as they are answered: none of them is asked for. */
function withComponents(given: Parameters<typeof jsonSchemaTransformObject>[0]) {
  const document = jsonSchemaTransformObject(given);
  if (!('components' in document)) return document;
  const schemas = Object.entries(document.components?.schemas ?? {}).filter(
    ([name]) => !name.endsWith('Input'),
  );
  return { ...document, components: { schemas: Object.fromEntries(schemas) } };
}

function typed(boundHost: string): TypedApp {
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
    const { body } = problemOf(
      new LockstepError(
        'bad-request',
        `there is no ${request.method} ${request.url.slice(0, 200)}`,
      ),
    );
    return reply.status(404).send(body);
  });
  return app;
}

async function withPatience(
  led: Promise<LedRun>,
  waitingFor: () => string | undefined,
): Promise<LedRun> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(notReady(waitingFor())), PATIENCE_MS);
  });
  try {
    return await Promise.race([led, late]);
  } catch (error) {
    throw LockstepError.from(error).code === 'not-ready' ? error : notReady(waitingFor(), error);
  } finally {
    clearTimeout(timer);
  }
}

function notReady(reason: string | undefined, cause?: unknown): LockstepError {
  const why = reason === undefined ? '' : `: ${reason}`;
  return new LockstepError('not-ready', `no run is led here yet${why}`, {
    remedy: 'ask again in a moment',
    cause,
  });
}
