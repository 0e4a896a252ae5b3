import { startBenchChild } from './bench-child.js';
import { shardSizeOf, type BenchSettings } from './bench-settings.js';
import type { CeilingOrder } from './ceiling-child.js';

/**
 * What the same workers manage with nothing between them: each computes its shard and applies a
 * whole step's update, again and again, without a queue and without a wire.
 *
 * @returns samples a second of all workers together
 */
export async function measureCeiling(settings: BenchSettings): Promise<number> {
  const workers = Array.from({ length: settings.workers }, (_, index) => {
    const order: CeilingOrder = { settings, index };
    return startBenchChild('ceiling-child', order);
  });
  try {
    await Promise.all(workers.map((worker) => worker.next()));
    for (const worker of workers) worker.send({ begin: true });
    const times = await Promise.all(workers.map((worker) => worker.next<{ ms: number }>()));
    const size = shardSizeOf(settings);
    return times.reduce((sum, { ms }, index) => {
      const samples = Math.min(size, settings.batch - index * size) * settings.steps;
      return sum + Math.max(0, samples) / (ms / 1000);
    }, 0);
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
}
