import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { EventFeed } from '../events/event-feed.js';
import type { TimedEvent } from '../history/read-events.js';
import { followHistory, type FollowedHistory, type RunHistory } from '../history/run-history.js';
import type { RunControl } from '../run/run-control.js';
import type { LedRun } from '../run-view.js';
import type { CurrentRun } from './current-run.js';

/** What routes are made of. */
export class RouteParts {
  readonly feed: EventFeed;
  readonly current: CurrentRun;
  readonly control: RunControl;
  readonly #onHistory: (event: TimedEvent) => void;
  #followed: Promise<FollowedHistory> | undefined;

  /** @param onHistory called with the run's events so far, once they are asked for, and each new one */
  constructor(
    feed: EventFeed,
    current: CurrentRun,
    control: RunControl,
    onHistory: (event: TimedEvent) => void,
  ) {
    this.feed = feed;
    this.current = current;
    this.control = control;
    this.#onHistory = onHistory;
  }

  /** The run, as `current.get()`. @throws LockstepError `not-ready` */
  run(): Promise<LedRun> {
    return this.current.get();
  }

  /** The run's events so far, by kind; kept up to date. */
  async history(): Promise<RunHistory> {
    const { folder } = (await this.run()).view;
    this.#followed ??= followHistory(folder.path, this.feed, this.#onHistory);
    return (await this.#followed).history;
  }

  /** Ends following the run's events. */
  async close(): Promise<void> {
    (await this.#followed?.catch(() => undefined))?.close();
  }
}

/** Fastify with zod schemas for requests and responses. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
