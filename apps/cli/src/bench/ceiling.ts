import { BenchChild } from './bench-child.js';
import { shardSizeOf, type BenchSettings } from './bench-settings.js';
import { measureOthers } from './machine.js';
import type { CeilingOrder } from './ceiling-child.js';

export interface Ceiling {
  /** Of all workers together. */
  readonly samplesPerSecond: number;
  /** Cores that other programs used meanwhile. */
  readonly othersCores: number | undefined;
}

/**
 * The speed of the same workers without a system around them: each computes its shard and applies a
 * whole step's update, without queue and transport.
 *
 * @param inStep whether they wait for each other before they apply, as synchronous SGD has to: this
 *   costs time whatever the transport
 */
export async function measureCeiling(settings: BenchSettings, inStep: boolean): Promise<Ceiling> {
  const workers = Array.from({ length: settings.workers }, (_, index) => {
    const order: CeilingOrder = { settings, index, inStep };
    return new BenchChild('ceiling-child', order);
  });
  const meet = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      await Promise.all(workers.map((worker) => worker.next()));
      for (const worker of workers) worker.send({ allHere: true });
    }
  };
  try {
    await meet(inStep ? settings.warmup + 1 : 1);
    const others = measureOthers();
    if (inStep) await meet(settings.steps);
    const times = await Promise.all(workers.map((worker) => worker.next<{ ms: number }>()));
    const othersCores = others();
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
