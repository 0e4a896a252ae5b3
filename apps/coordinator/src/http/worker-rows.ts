import type { LedRun } from './led-run.js';
import type { WorkerRow } from './schemas.js';

/** The run's workers, one row each, in the order they joined. */
export function workerRows({ service }: LedRun, now: number): WorkerRow[] {
  const { collector, roster } = service;
  const all = roster.figures();
  const samples = all.reduce((sum, { countedSamples }) => sum + countedSamples, 0);
  return all.map(({ member, lastHeardAt, heartbeat, ...figures }): WorkerRow => {
    const { id, host, pid, backend, joinedAt } = member;
    const progress = collector.state.workers.get(id);
    return {
      ...{ id, host, pid, backend, joinedAt },
      state: progress?.state ?? 'joining',
      heartbeatAgeMs: Math.max(0, now - lastHeardAt),
      version: heartbeat?.version ?? null,
      shard: progress?.holding ?? null,
      countedShards: figures.countedShards,
      countedSamples: figures.countedSamples,
      share: samples === 0 ? 0 : figures.countedSamples / samples,
      refusals: { ...figures.refusals },
      rssBytes: heartbeat?.rssBytes ?? null,
      tensorCount: heartbeat?.tensorCount ?? null,
      cpuSeconds: heartbeat?.cpuSeconds ?? null,
    };
  });
}
