import { collectDefaultMetrics, Registry } from 'prom-client';
import type { LedRun } from '../led-run.js';
import type { TimedEvent } from '../history/read-events.js';
import { createEventSeries } from './event-series.js';
import { createRunSeries } from './run-series.js';
import { createSeries, PREFIX } from './series.js';
import { createStepSeries } from './step-series.js';
import { createSurroundingsSeries } from './surroundings-series.js';
import { createWorkerSeries } from './worker-series.js';

const EVENT_LOOP_PRECISION_MS = 50;

/** The run as Prometheus sees it. */
export interface RunMetrics {
  observe(event: TimedEvent): void;
  /** The text of `/metrics`. */
  write(run: LedRun): Promise<string>;
  readonly contentType: string;
  readonly registry: Registry;
}

/**
 * Counters count this coordinator's life, as Prometheus expects of a process that may restart.
 *
 * @param startedAt events before it were another coordinator's
 */
export function createRunMetrics(startedAt: number): RunMetrics {
  const registry = new Registry();
  const series = createSeries(registry);
  const run = createRunSeries(series);
  const events = createEventSeries(series, startedAt);
  const steps = createStepSeries(series);
  const workers = createWorkerSeries(series);
  const surroundings = createSurroundingsSeries(series);
  collectDefaultMetrics({
    register: registry,
    prefix: PREFIX,
    eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS,
  });
  return {
    observe: events.observe,
    write: async (led) => {
      run.refresh(led, events.steps);
      steps.follow(led.service.timelines);
      workers.refresh(led, Date.now());
      await surroundings.refresh(led);
      return registry.metrics();
    },
    contentType: registry.contentType,
    registry,
  };
}
