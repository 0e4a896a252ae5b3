import { startBenchChild } from './bench-child.js';
import { shardSizeOf, type BenchSettings } from './bench-settings.js';
import { watchCompany } from './company.js';
import type { CeilingOrder } from './ceiling-child.js';

export interface Ceiling {
  /** Of all workers together. */
  readonly samplesPerSecond: number;
  /** What other programs used of the machine meanwhile. */
  readonly othersCores: number | undefined;
}

/**
 * What the same workers manage with nothing between them: each computes its shard and applies a
 * whole step's update, again and again, without a queue and without a wire.
 */
export async function measureCeiling(settings: BenchSettings): Promise<Ceiling> {
  const workers = Array.from({ length: settings.workers }, (_, index) => {
    const order: CeilingOrder = { settings, index };
    return startBenchChild('ceiling-child', order);
  });
  try {
    await Promise.all(workers.map((worker) => worker.next()));
    const company = watchCompany();
    for (const worker of workers) worker.send({ begin: true });
    const times = await Promise.all(workers.map((worker) => worker.next<{ ms: number }>()));
    const othersCores = company();
    const size = shardSizeOf(settings);
    const samplesPerSecond = times.reduce((sum, { ms }, index) => {
      const samples = Math.min(size, settings.batch - index * size) * settings.steps;
      return sum + Math.max(0, samples) / (ms / 1000);
    }, 0);
    return { samplesPerSecond, othersCores };
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
}
