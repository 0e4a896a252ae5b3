import type { RunEvent } from '@lockstep/core';
import type { HttpAccess } from '../auth/roles.js';
import { EventFeed } from '../events/event-feed.js';
import { ProbeListener } from '../probes/probe-listener.js';
import { RunControl } from '../run/run-control.js';
import type { LedRun } from '../run-view.js';
import { CurrentRun } from './current-run.js';
import { HttpListener, type OnAdmitted } from './http-listener.js';

export interface ObserveOptions {
  /** `host:port`; port 0 picks a free one, absent: nothing is served. */
  readonly http?: string | undefined;
  /** Whether any free port is used where that one is taken. */
  readonly httpMayMove?: boolean | undefined;
  /** `host:port` where `/healthz` and `/readyz` are served as well; absent: nowhere else. */
  readonly probes?: string | undefined;
  /** The folder of the built dashboard; absent: none is served. */
  readonly dashboard?: string | undefined;
  /** Whether the coordinator keeps running after the end of the run. */
  readonly stays?: boolean | undefined;
  readonly access: HttpAccess;
}

const CLOSE_GRACE_MS = 500;

/**
 * Serves API, events, metrics and page of a coordinator. It listens from the start; the app behind
 * it is loaded with the first request, so that a run that no one observes pays almost nothing.
 */
export class ObserveServer {
  /** Controls the run, as the HTTP API does. */
  readonly control: RunControl;
  readonly #feed: EventFeed;
  readonly #current: CurrentRun;
  readonly #listener: HttpListener | undefined;
  readonly #probes: ProbeListener | undefined;
  readonly #hasDashboard: boolean;

  private constructor(
    feed: EventFeed,
    current: CurrentRun,
    control: RunControl,
    listener: HttpListener | undefined,
    probes: ProbeListener | undefined,
    hasDashboard: boolean,
  ) {
    this.#feed = feed;
    this.#current = current;
    this.control = control;
    this.#listener = listener;
    this.#probes = probes;
    this.#hasDashboard = hasDashboard;
  }

  /** @throws LockstepError `port-in-use` or `bad-option` */
  static async start(options: ObserveOptions): Promise<ObserveServer> {
    const { http, httpMayMove, probes, dashboard, stays = false, access } = options;
    const feed = new EventFeed(Date.now);
    const current = new CurrentRun(stays);
    const control = new RunControl(current);
    const load = async (boundHost: string, onAdmitted: OnAdmitted) =>
      (await import('./app.js')).createApp({
        ...{ feed, current, control, boundHost, dashboard, access, onAdmitted },
      });
    const listening = { tls: access.tls, mayMove: httpMayMove };
    const probing = probes === undefined ? undefined : await ProbeListener.start(probes, current);
    try {
      const listener =
        http === undefined ? undefined : await HttpListener.start(http, load, listening);
      const hasDashboard = dashboard !== undefined;
      return new ObserveServer(feed, current, control, listener, probing, hasDashboard);
    } catch (error) {
      probing?.close();
      throw error;
    }
  }

  /** `http://host:port`, or `https`; undefined where nothing is served. */
  get url(): string | undefined {
    return this.#listener?.url;
  }

  /** The requested address, where it was taken and another port is used instead. */
  get taken(): string | undefined {
    return this.#listener?.taken;
  }

  /** `host:port` of the probes' own listener; undefined where there is none. */
  get probes(): string | undefined {
    return this.#probes?.address;
  }

  /** The dashboard's address; undefined where none is served. */
  get dashboard(): string | undefined {
    return this.#listener && this.#hasDashboard ? `${this.#listener.url}/` : undefined;
  }

  /** Sets why the run is not led yet; undefined: nothing holds it up. */
  waitsFor(reason: string | undefined): void {
    this.#current.waitingFor = reason;
  }

  /** Takes every event of the run, after it was written to the run's event log. */
  push(event: RunEvent): void {
    this.#feed.push(event);
  }

  /** Shows a run, also to requests that wait for one. */
  show(run: LedRun): void {
    this.#current.show(run);
  }

  /** The run has ended and is saved: requests to stop it may respond. */
  ended(): void {
    this.#current.end();
  }

  async close(): Promise<void> {
    this.#current.close();
    await this.#listener?.close(CLOSE_GRACE_MS);
    this.#probes?.close();
  }
}
