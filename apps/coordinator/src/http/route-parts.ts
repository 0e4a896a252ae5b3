import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { EventFeed } from '../event-feed.js';
import type { LedRun } from './led-run.js';
import type { Gathered } from './history/event-gatherer.js';

/** What every route may ask for. */
export interface RouteParts {
  readonly feed: EventFeed;
  /** The run once it is led; waits a while for that. @throws LockstepError `not-ready` */
  run(): Promise<LedRun>;
  /** Whether a run is led that has not ended, or is to be looked at all the same. */
  leads(): boolean;
  /** What keeps the run from being led at present, if anything does. */
  waitingFor(): string | undefined;
  /** The run's past up to now; it goes on by itself. */
  history(): Promise<Gathered>;
}

/** Fastify with zod schemas at its border. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
