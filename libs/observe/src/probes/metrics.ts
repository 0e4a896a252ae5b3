import { collectDefaultMetrics, Registry } from 'prom-client';
import type { TimedEvent } from '../history/read-events.js';
import type { LedRun } from '../run-view.js';
import { EventSeries, StepSeries } from './event-series.js';
import { DependencySeries, RunSeries, WorkerSeries } from './run-series.js';
import { PREFIX, Series } from './series.js';

const EVENT_LOOP_PRECISION_MS = 50;

/**
 * The run's metrics for Prometheus. Counters begin with this coordinator, as Prometheus expects of a
 * process that may restart.
 */
export class RunMetrics {
  readonly registry = new Registry();
  readonly #events: EventSeries;
  readonly #run: RunSeries;
  readonly #workers: WorkerSeries;
  readonly #steps: StepSeries;
  readonly #dependencies: DependencySeries;

  constructor() {
    const series = new Series(this.registry);
    this.#run = new RunSeries(series);
    this.#events = new EventSeries(series);
    this.#steps = new StepSeries(series);
    this.#workers = new WorkerSeries(series);
    this.#dependencies = new DependencySeries(series);
    collectDefaultMetrics({
      register: this.registry,
      prefix: PREFIX,
      eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS,
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  observe(event: TimedEvent): void {
    this.#events.observe(event);
  }

  /** The text of `/metrics`. */
  async write(run: LedRun): Promise<string> {
    this.#run.refresh(run, this.#events.steps);
    this.#steps.follow(run.view.timelines);
    this.#workers.refresh(run.view);
    await this.#dependencies.refresh(run);
    return this.registry.metrics();
  }
}
