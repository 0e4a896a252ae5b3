import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { WorkerEvent } from '../worker-options.js';
import type { Readiness } from './readiness.js';

const COMPUTE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** A worker as Prometheus sees it. Counters count this process's life. */
export class WorkerMetrics {
  readonly #registry = new Registry();
  readonly #ready;
  readonly #contributions;
  readonly #sent;
  readonly #compute;
  readonly #disconnects;
  readonly #tensors;

  constructor() {
    const registers = [this.#registry];
    this.#ready = new Gauge({
      name: 'lockstep_worker_ready',
      help: '1 while it takes shards or waits for a run that has ended',
      registers,
    });
    this.#contributions = new Counter({
      name: 'lockstep_worker_contributions_total',
      help: 'Contributions sent, by the verdict of the coordinator',
      labelNames: ['verdict'],
      registers,
    });
    this.#sent = new Counter({
      name: 'lockstep_worker_sent_bytes_total',
      help: 'Bytes of gradients sent',
      registers,
    });
    this.#compute = new Histogram({
      name: 'lockstep_worker_compute_seconds',
      help: 'Time to gather the samples of a shard and compute its gradient',
      buckets: COMPUTE_SECONDS,
      registers,
    });
    this.#disconnects = new Counter({
      name: 'lockstep_worker_disconnects_total',
      help: 'Times the connection to the coordinator was lost',
      registers,
    });
    this.#tensors = new Gauge({
      name: 'lockstep_tensors',
      help: 'Tensors that TensorFlow holds; a number that keeps growing indicates a leak',
      registers,
    });
    collectDefaultMetrics({ register: this.#registry, prefix: 'lockstep_' });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  observe(event: WorkerEvent, readiness: Readiness): void {
    this.#ready.set(readiness.ready ? 1 : 0);
    switch (event.what) {
      case 'contributed':
        this.#contributions.inc({ verdict: event.verdict });
        this.#sent.inc(event.payloadBytes);
        return this.#compute.observe(event.computeMs / 1000);
      case 'memory':
        return this.#tensors.set(event.tensors);
      case 'disconnected':
        return this.#disconnects.inc();
      default:
        return undefined;
    }
  }

  /** The text of `/metrics`. */
  write(): Promise<string> {
    return this.#registry.metrics();
  }
}
