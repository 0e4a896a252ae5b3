import { resolve } from 'node:path';
import type { RunEvent } from '@lockstep/core';
import { FigureReader } from '../figures.js';
import type { TrackedRun, Tracker, TrackingAlarm } from '../tracker.js';
import { openMlflowRun } from './mlflow-run.js';
import { Outbox } from './outbox.js';
import { MlflowRest, placeOf, type MlflowServer } from './rest.js';

export interface MlflowOptions extends MlflowServer {
  /** The experiment's name; created if missing. */
  readonly experiment: string;
}

interface Metric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly step: number;
}

/** The items to send, in order. */
type Item =
  | { readonly kind: 'metric'; readonly metric: Metric }
  | { readonly kind: 'tags'; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'status'; readonly status: string; readonly at: number };

/** About an hour of a fast run. */
const MOST_KEPT = 50_000;
/** MLflow's limit of metrics per request. */
const BATCH = 1_000;
const EVERY_MS = 1_000;
const LONGEST_MS = 30_000;
const CLOSE_GRACE_MS = 3_000;

/**
 * Logs a run's spec as parameters, its figures as metrics and its end with the model's path, by
 * MLflow's REST API. While the server is unreachable, items are kept up to a limit, beyond which
 * the oldest are dropped; a resumed run continues the same MLflow run.
 */
export class MlflowTracker implements Tracker {
  readonly #rest: MlflowRest;
  readonly #experiment: string;
  readonly #run: TrackedRun;
  readonly #startedAt: number;
  readonly #figures = new FigureReader();
  readonly #outbox: Outbox<Item>;
  /** MLflow's id of the run, once it is found or created. */
  #runId: string | undefined;

  constructor(
    { experiment, ...server }: MlflowOptions,
    run: TrackedRun,
    alarm: TrackingAlarm,
    now: () => number = Date.now,
  ) {
    this.#rest = new MlflowRest(server);
    this.#experiment = experiment;
    this.#run = run;
    this.#startedAt = now();
    const place = placeOf(server.url);
    this.#outbox = new Outbox({
      send: (items, signal) => this.#send(items, signal),
      failing: (error) =>
        alarm('mlflow-unreachable', `MLflow at ${place} cannot be reached: ${reasonOf(error)}`),
      ...{ most: MOST_KEPT, batch: BATCH, everyMs: EVERY_MS, longestMs: LONGEST_MS },
    });
  }

  observe(event: RunEvent, at: number): void {
    const figures = this.#figures.read(event, at);
    for (const [key, value] of Object.entries(figures?.values ?? {})) {
      // JSON has no NaN.
      if (!figures || !Number.isFinite(value)) continue;
      const metric = { key, value, timestamp: at, step: figures.step };
      this.#outbox.put({ kind: 'metric', metric });
    }
    for (const item of endOf(event, at)) this.#outbox.put(item);
  }

  spreads(): void {
    // MLflow has no histograms.
  }

  close(): Promise<void> {
    return this.#outbox.close(CLOSE_GRACE_MS);
  }

  async #send(items: readonly Item[], signal: AbortSignal): Promise<void> {
    const rest = this.#rest;
    const [experiment, startedAt] = [this.#experiment, this.#startedAt];
    this.#runId ??= await openMlflowRun(rest, experiment, this.#run, startedAt, signal);
    const run_id = this.#runId;
    const metrics = items.flatMap((item) => (item.kind === 'metric' ? [item.metric] : []));
    const tags = items.flatMap((item) => (item.kind === 'tags' ? Object.entries(item.tags) : []));
    const batch = { run_id, metrics, tags: tags.map(([key, value]) => ({ key, value })) };
    if (metrics.length + tags.length > 0) await rest.post('runs/log-batch', batch, signal);
    for (const item of items) {
      if (item.kind !== 'status') continue;
      const { status, at } = item;
      await rest.post('runs/update', { run_id, status, end_time: at }, signal);
    }
  }
}

/** The end of a run, as logged in MLflow. */
function endOf(event: RunEvent, at: number): Item[] {
  if (event.event === 'run-finished') {
    const { model, weightsSha256 } = event;
    const tags = { 'lockstep.model': resolve(model), 'lockstep.weights_sha256': weightsSha256 };
    return [
      { kind: 'tags', tags },
      { kind: 'status', status: 'FINISHED', at },
    ];
  }
  if (event.event !== 'state') return [];
  if (event.state === 'stopped') return [{ kind: 'status', status: 'KILLED', at }];
  if (event.state === 'failed') return [{ kind: 'status', status: 'FAILED', at }];
  return [];
}

/** The message `fetch failed` has the reason in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
