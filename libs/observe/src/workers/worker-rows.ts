import { hasEnded } from '@lockstep/core';
import type { RunView, WorkerView } from '../run-view.js';
import type { WorkerRow } from './schemas.js';
import { median } from './worker-figures.js';

/** One row per worker: the connected ones in the order they joined, then those that have left. */
export function workerRows(
  view: Pick<RunView, 'workers' | 'status' | 'shardDeadlineMs'>,
): WorkerRow[] {
  const all = view.workers();
  const isOver = hasEnded(view.status.condition.state);
  const present = all.filter(({ departure }) => !departure);
  return all.map((each): WorkerRow => {
    const { worker, departure, lastHeardAt, silentMs, heartbeat, countedSamples, countedByAll } =
      each;
    const { id, host, pid, backend, joinedAt } = worker;
    const computes = !departure && !isOver;
    const isLate = (): boolean => isOverdue(each, view.shardDeadlineMs);
    return {
      ...{ id, host, pid, backend, joinedAt },
      state: departure?.how ?? each.state ?? 'joining',
      reason: departure?.reason ?? null,
      draining: each.draining,
      lastSeenAt: lastHeardAt,
      heartbeatAgeMs: silentMs,
      version: heartbeat?.version ?? null,
      shard: (computes && each.currentShard) || null,
      samplesPerSecond: computes ? each.samplesPerSecond : 0,
      shardMs: each.shardMs ?? null,
      straggling: computes && (isLate() || isSlower(each, present)),
      countedShards: each.countedShards,
      countedSamples,
      share: countedByAll === 0 ? 0 : countedSamples / countedByAll,
      reissues: each.reissues,
      refusals: { ...each.refusals },
      rssBytes: heartbeat?.rssBytes ?? null,
      tensorCount: heartbeat?.tensorCount ?? null,
      cpuSeconds: heartbeat?.cpuSeconds ?? null,
      cores: computes ? (each.cores ?? null) : null,
    };
  });
}

/** A worker slower by this factor is slow persistently, not by chance in one shard. */
const SLOWER = 2;

/**
 * Whether its shard is so late that a user should know: much later than when the step machine issues
 * it again, for which noise on a busy machine suffices.
 */
function isOverdue({ takenForMs }: WorkerView, deadlineMs: number): boolean {
  return takenForMs !== undefined && takenForMs > SLOWER * deadlineMs;
}

/** Whether its shards usually take much longer than the median of the other workers'. */
function isSlower({ worker, shardMs }: WorkerView, present: readonly WorkerView[]): boolean {
  const others = present.flatMap((each) =>
    each.worker.id === worker.id || each.shardMs === undefined ? [] : [each.shardMs],
  );
  const usual = median(others);
  return shardMs !== undefined && usual !== undefined && shardMs > SLOWER * usual;
}
