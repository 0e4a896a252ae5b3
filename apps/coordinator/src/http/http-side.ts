import type { RunEvent } from '@lockstep/core';
import type { CoordinatorOptions } from '../coordinator-options.js';
import { createEventFeed } from '../event-feed.js';
import type { HttpAccess } from '../access/open-access.js';
import { startHttpServer } from './http-server.js';
import type { LedRun } from './led-run.js';

/** A coordinator's HTTP side: listens from the start, shows a run once it is led. */
export interface HttpSide {
  /** `http://host:port`, or `https`; absent when none was asked for. */
  readonly url: string | undefined;
  /** The address that was asked for, where it is taken and another port is used instead. */
  readonly taken: string | undefined;
  /** Where the dashboard is; absent when none is served. */
  readonly dashboard: string | undefined;
  /** Says what keeps the run from being led at present; undefined: nothing does. */
  waitsFor(reason: string | undefined): void;
  /** To be told of every event of the run. */
  push(event: RunEvent): void;
  show(run: Pick<LedRun, 'folder' | 'service' | 'queue' | 'network' | 'viewQueue'>): void;
  /** Says that the run has ended and is saved: whoever waits for that is answered. */
  ended(): void;
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 500;

/**
 * @param stopping aborted to end the run in good order
 * @param access who may come in
 * @throws LockstepError `port-in-use` or `bad-option`
 */
export async function startHttpSide(
  {
    http,
    httpMayMove,
    scaler,
    dashboard,
    stays = false,
  }: Pick<CoordinatorOptions, 'http' | 'httpMayMove' | 'scaler' | 'dashboard' | 'stays'>,
  stopping: AbortController,
  access: HttpAccess,
): Promise<HttpSide> {
  const feed = createEventFeed(Date.now);
  let show: HttpSide['show'] = () => undefined;
  let never: (reason: unknown) => void = () => undefined;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const led = new Promise<LedRun>((resolve, reject) => {
    never = reject;
    let wantedWorkers: number | undefined;
    const remembering = scaler && {
      kind: scaler.kind,
      ...(scaler.target === undefined ? {} : { target: scaler.target }),
      scaleTo: async (count: number) => {
        await scaler.scaleTo(count);
        wantedWorkers = count;
      },
      letGo: async (worker: string) => {
        await scaler.letGo?.(worker);
        if (wantedWorkers !== undefined) wantedWorkers = Math.max(0, wantedWorkers - 1);
      },
    };
    show = (run) =>
      resolve({
        ...run,
        ...(remembering ? { scaler: remembering } : {}),
        get wantedWorkers() {
          return wantedWorkers;
        },
        get stopping() {
          return stopping.signal.aborted;
        },
        stays,
        stop: (reason) => stopping.abort(reason),
        ended,
      });
  });
  led.catch(() => undefined);
  let waitingFor: string | undefined;
  const load = async (boundHost: string) =>
    (await import('./app.js')).createApp({
      ...{ feed, led, boundHost, dashboard, access },
      waitingFor: () => waitingFor,
    });
  const server =
    http === undefined ? undefined : await startHttpServer(http, load, access.tls, httpMayMove);
  return {
    url: server?.url,
    taken: server?.taken,
    dashboard: server && dashboard !== undefined ? `${server.url}/` : undefined,
    waitsFor: (reason) => (waitingFor = reason),
    push: (event) => feed.push(event),
    show,
    ended: () => end(),
    close: async () => {
      never(new Error('the coordinator has ended'));
      end();
      await server?.close(CLOSE_GRACE_MS);
    },
  };
}
