import { statfs } from 'node:fs/promises';
import type { LedRun } from '../led-run.js';
import type { Series } from './series.js';

/** What a run depends on: Redis and the disk, asked at each scrape. */
export interface SurroundingsSeries {
  /** Never throws: the rest of the page is worth having when one of them is away. */
  refresh(run: Pick<LedRun, 'queue' | 'folder'>): Promise<void>;
}

export function createSurroundingsSeries({ gauge }: Series): SurroundingsSeries {
  const jobs = gauge('queue_jobs', 'Jobs in the queue by state', ['state']);
  const up = gauge('queue_up', '1 while Redis answers, else 0');
  const latency = gauge('queue_latency_seconds', 'Time of one round trip to Redis');
  const free = gauge('disk_free_bytes', 'Free space where the run is kept');
  const size = gauge('disk_size_bytes', 'Size of the disk where the run is kept');

  const askQueue = async ({ queue }: Pick<LedRun, 'queue'>): Promise<void> => {
    const health = await queue.health();
    up.set(health.up ? 1 : 0);
    jobs.reset();
    latency.reset();
    if (!health.up) return;
    latency.set((health.latencyMs ?? 0) / 1000);
    const counts = await queue.counts();
    for (const [name, count] of Object.entries(counts)) jobs.set({ state: name }, Number(count));
  };
  const askDisk = async ({ folder }: Pick<LedRun, 'folder'>): Promise<void> => {
    const { bavail, blocks, bsize } = await statfs(folder.path);
    free.set(bavail * bsize);
    size.set(blocks * bsize);
  };
  return {
    refresh: async (run) => void (await Promise.allSettled([askQueue(run), askDisk(run)])),
  };
}
