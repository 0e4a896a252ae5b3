import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { EventFeed } from '../events/event-feed.js';
import type { RunHistory } from '../history/run-history.js';
import type { RunControl } from '../run/run-control.js';
import type { LedRun } from '../run-view.js';
import type { CurrentRun } from './current-run.js';

/** What routes are made of. */
export interface RouteParts {
  readonly feed: EventFeed;
  readonly current: CurrentRun;
  readonly control: RunControl;
  /** The run, as `current.get()`. @throws LockstepError `not-ready` */
  run(): Promise<LedRun>;
  /** The run's events so far, by kind; kept up to date. */
  history(): Promise<RunHistory>;
}

/** Fastify with zod schemas for requests and responses. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
