import type { LedRun } from '../led-run.js';
import { countTo, type Series } from './series.js';

/** The workers that are there, one series each, by what they say in their heartbeats. */
export interface WorkerSeries {
  /** @param now milliseconds since the epoch */
  refresh(run: LedRun, now: number): void;
}

export function createWorkerSeries({ gauge, counter }: Series): WorkerSeries {
  const cpu = counter('worker_cpu_seconds_total', 'CPU time of a worker’s process', ['worker']);
  const resident = gauge('worker_resident_memory_bytes', 'Resident memory of a worker’s process', [
    'worker',
  ]);
  const tensors = gauge('worker_tensors', 'Tensors alive in a worker', ['worker']);
  const samples = counter('worker_samples_total', 'Samples of a worker’s answers that counted', [
    'worker',
  ]);
  const silence = gauge('worker_silence_seconds', 'Time since a worker was last heard of', [
    'worker',
  ]);
  return {
    refresh: ({ service: { collector, roster } }, now) => {
      for (const each of [resident, tensors, silence]) each.reset();
      const cpuSeconds: Record<string, number> = {};
      const countedSamples: Record<string, number> = {};
      for (const figures of roster.figures()) {
        const { heartbeat, lastHeardAt, departure } = figures;
        const worker = figures.worker.id;
        // One that has gone leaves no series behind.
        if (departure || !collector.state.workers.has(worker)) continue;
        countedSamples[worker] = figures.countedSamples;
        silence.set({ worker }, Math.max(0, now - lastHeardAt) / 1000);
        if (!heartbeat) continue;
        cpuSeconds[worker] = heartbeat.cpuSeconds;
        resident.set({ worker }, heartbeat.rssBytes);
        tensors.set({ worker }, heartbeat.tensorCount);
      }
      countTo(cpu, cpuSeconds, 'worker');
      countTo(samples, countedSamples, 'worker');
    },
  };
}
