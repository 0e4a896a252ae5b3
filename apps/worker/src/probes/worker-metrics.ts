import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { WorkerEvent } from '../worker-options.js';
import type { Readiness } from './readiness.js';

/** A worker as Prometheus sees it. */
export interface WorkerMetrics {
  observe(event: WorkerEvent, readiness: Readiness): void;
  /** The text of `/metrics`. */
  write(): Promise<string>;
  readonly contentType: string;
}

const COMPUTE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counters count this process's life. */
export function createWorkerMetrics(): WorkerMetrics {
  const registers = [new Registry()] as [Registry];
  const settings = { registers };
  const ready = new Gauge({
    name: 'lockstep_worker_ready',
    help: '1 while it takes shards or waits for a run that has ended',
    ...settings,
  });
  const answers = new Counter({
    name: 'lockstep_worker_contributions_total',
    help: 'Shards answered, by what the coordinator made of the answer',
    labelNames: ['verdict'],
    ...settings,
  });
  const sent = new Counter({
    name: 'lockstep_worker_sent_bytes_total',
    help: 'Bytes of gradients sent',
    ...settings,
  });
  const compute = new Histogram({
    name: 'lockstep_worker_compute_seconds',
    help: 'Time to gather the samples of a shard and compute its gradient',
    buckets: COMPUTE_SECONDS,
    ...settings,
  });
  const reconnects = new Counter({
    name: 'lockstep_worker_disconnects_total',
    help: 'Times it lost the coordinator',
    ...settings,
  });
  const tensors = new Gauge({
    name: 'lockstep_tensors',
    help: 'Tensors that TensorFlow holds; one that grows for ever is a leak',
    ...settings,
  });
  collectDefaultMetrics({ register: registers[0], prefix: 'lockstep_' });

  return {
    observe: (event, readiness) => {
      ready.set(readiness.ready ? 1 : 0);
      switch (event.what) {
        case 'contributed':
          answers.inc({ verdict: event.verdict });
          sent.inc(event.payloadBytes);
          return compute.observe(event.computeMs / 1000);
        case 'memory':
          return tensors.set(event.tensors);
        case 'disconnected':
          return reconnects.inc();
        default:
          return undefined;
      }
    },
    write: () => registers[0].metrics(),
    contentType: registers[0].contentType,
  };
}
