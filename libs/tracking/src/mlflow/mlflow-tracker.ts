import { resolve } from 'node:path';
import type { RunEvent } from '@lockstep/core';
import { createFigureReader } from '../figures.js';
import type { TrackedRun, Tracker, TrackingAlarm } from '../tracker.js';
import { openMlflowRun } from './mlflow-run.js';
import { createOutbox } from './outbox.js';
import { createMlflowRest, placeOf, type MlflowServer } from './rest.js';

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
export function createMlflowTracker(
  { experiment, ...server }: MlflowOptions,
  run: TrackedRun,
  alarm: TrackingAlarm,
  now: () => number = Date.now,
): Tracker {
  const rest = createMlflowRest(server);
  const read = createFigureReader();
  const startedAt = now();
  let runId: string | undefined;

  const send = async (items: readonly Item[], signal: AbortSignal): Promise<void> => {
    runId ??= await openMlflowRun(rest, experiment, run, startedAt, signal);
    const metrics = items.flatMap((item) => (item.kind === 'metric' ? [item.metric] : []));
    const tags = items.flatMap((item) => (item.kind === 'tags' ? Object.entries(item.tags) : []));
    const batch = { run_id: runId, metrics, tags: tags.map(([key, value]) => ({ key, value })) };
    if (metrics.length + tags.length > 0) await rest.post('runs/log-batch', batch, signal);
    for (const item of items) {
      if (item.kind !== 'status') continue;
      const { status, at } = item;
      await rest.post('runs/update', { run_id: runId, status, end_time: at }, signal);
    }
  };
  const outbox = createOutbox<Item>({
    ...{ send, most: MOST_KEPT, batch: BATCH, everyMs: EVERY_MS, longestMs: LONGEST_MS },
    failing: (error) =>
      alarm(
        'mlflow-unreachable',
        `MLflow at ${placeOf(server.url)} cannot be told: ${reasonOf(error)}`,
      ),
  });

  return {
    observe: (event, at) => {
      const figures = read(event, at);
      for (const [key, value] of Object.entries(figures?.values ?? {})) {
        // JSON has no NaN.
        if (!figures || !Number.isFinite(value)) continue;
        const metric = { key, value, timestamp: at, step: figures.step };
        outbox.put({ kind: 'metric', metric });
      }
      for (const item of endOf(event, at)) outbox.put(item);
    },
    spreads: () => undefined,
    close: () => outbox.close(CLOSE_GRACE_MS),
  };
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
