import { statfs } from 'node:fs/promises';
import { hasEnded, shardsPerStep, totalSteps } from '@lockstep/core';
import { countWorkers } from '../run/run-report.js';
import type { LedRun, RunView } from '../run-view.js';
import { countTo, type Series } from './series.js';

/** The metrics of the run's state, refreshed at each scrape. */
export class RunSeries {
  readonly #step;
  readonly #steps;
  readonly #term;
  readonly #state;
  readonly #workers;
  readonly #wanted;
  readonly #samples;
  readonly #contributions;
  readonly #violations;
  readonly #limitedCalls;

  constructor(series: Series) {
    this.#step = series.gauge('step', 'Last step committed');
    this.#steps = series.gauge('steps', 'Steps of the run');
    this.#term = series.gauge('term', 'Term of this coordinator');
    this.#state = series.gauge('run_state', '1 for the state the run is in', ['state']);
    this.#workers = series.gauge('workers', 'Workers by state', ['state']);
    this.#wanted = series.gauge('workers_wanted', 'Useful workers; 0 once the run has ended');
    this.#samples = series.counter('samples_total', 'Training samples of committed steps');
    this.#contributions = series.counter('contributions_total', 'Contributions by verdict', [
      'verdict',
    ]);
    this.#violations = series.counter(
      'protocol_violations_total',
      'Messages refused because the protocol does not allow them',
      ['message'],
    );
    this.#limitedCalls = series.counter(
      'limited_calls_total',
      'gRPC calls that a rate limit ended',
      ['limit'],
    );
  }

  /** @param stepsSeen steps committed since this coordinator started */
  refresh({ view, limitedCalls }: Pick<LedRun, 'view' | 'limitedCalls'>, stepsSeen: number): void {
    const { spec } = view.folder.record;
    const { condition, committedStep, term } = view.status;
    this.#step.set(committedStep);
    this.#steps.set(totalSteps(spec));
    this.#term.set(term);
    this.#state.reset();
    this.#state.set({ state: condition.state }, 1);
    for (const [state, count] of Object.entries(countWorkers(view))) {
      this.#workers.set({ state }, count);
    }
    this.#wanted.set(hasEnded(condition.state) ? 0 : shardsPerStep(spec));
    this.#samples.reset();
    this.#samples.inc(stepsSeen * spec.batch);
    countTo(this.#contributions, { counted: 0, ...view.verdicts() }, 'verdict');
    countTo(this.#violations, view.violations(), 'message');
    countTo(this.#limitedCalls, { 'rare-address': 0, ...limitedCalls() }, 'limit');
  }
}

/** The metrics of each connected worker, from its heartbeats. */
export class WorkerSeries {
  readonly #cpu;
  readonly #resident;
  readonly #tensors;
  readonly #samples;
  readonly #silence;

  constructor(series: Series) {
    const labels: ['worker'] = ['worker'];
    this.#cpu = series.counter(
      'worker_cpu_seconds_total',
      'CPU time of a worker’s process',
      labels,
    );
    this.#resident = series.gauge(
      'worker_resident_memory_bytes',
      'Resident memory of a worker’s process',
      labels,
    );
    this.#tensors = series.gauge('worker_tensors', 'Tensors alive in a worker', labels);
    this.#samples = series.counter(
      'worker_samples_total',
      'Samples of a worker’s counted contributions',
      labels,
    );
    this.#silence = series.gauge(
      'worker_silence_seconds',
      'Time since a worker’s last heartbeat',
      labels,
    );
  }

  refresh(view: RunView): void {
    for (const each of [this.#resident, this.#tensors, this.#silence]) each.reset();
    const cpuSeconds: Record<string, number> = {};
    const countedSamples: Record<string, number> = {};
    for (const figures of view.workers()) {
      const { heartbeat, silentMs, state } = figures;
      const worker = figures.worker.id;
      // A worker that has left keeps no series.
      if (state === undefined) continue;
      countedSamples[worker] = figures.countedSamples;
      this.#silence.set({ worker }, silentMs / 1000);
      if (!heartbeat) continue;
      cpuSeconds[worker] = heartbeat.cpuSeconds;
      this.#resident.set({ worker }, heartbeat.rssBytes);
      this.#tensors.set({ worker }, heartbeat.tensorCount);
    }
    countTo(this.#cpu, cpuSeconds, 'worker');
    countTo(this.#samples, countedSamples, 'worker');
  }
}

/** The metrics of what the run depends on, Redis and the disk: both are queried at each scrape. */
export class DependencySeries {
  readonly #jobs;
  readonly #up;
  readonly #latency;
  readonly #free;
  readonly #size;

  constructor(series: Series) {
    this.#jobs = series.gauge('queue_jobs', 'Jobs in the queue by state', ['state']);
    this.#up = series.gauge('queue_up', '1 while Redis responds, else 0');
    this.#latency = series.gauge('queue_latency_seconds', 'Time of one round trip to Redis');
    this.#free = series.gauge('disk_free_bytes', 'Free space where the run is kept');
    this.#size = series.gauge('disk_size_bytes', 'Size of the disk where the run is kept');
  }

  /** Never rejects: without Redis or the disk, the other metrics are still useful. */
  async refresh({ queue, view }: LedRun): Promise<void> {
    await Promise.allSettled([this.#refreshQueue(queue), this.#refreshDisk(view.folder.path)]);
  }

  async #refreshQueue(queue: LedRun['queue']): Promise<void> {
    const health = await queue.health();
    this.#up.set(health.up ? 1 : 0);
    this.#jobs.reset();
    this.#latency.reset();
    if (!health.up) return;
    this.#latency.set((health.latencyMs ?? 0) / 1000);
    const counts = await queue.counts();
    for (const [state, count] of Object.entries(counts)) this.#jobs.set({ state }, Number(count));
  }

  async #refreshDisk(path: string): Promise<void> {
    const { bavail, blocks, bsize } = await statfs(path);
    this.#free.set(bavail * bsize);
    this.#size.set(blocks * bsize);
  }
}
