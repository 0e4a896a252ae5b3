import { hasEnded, stragglerDeadlineMs } from '@lockstep/core';
import type { StepShell } from '../../steps/step-shell.js';
import { median, type WorkerFigures } from '../../workers/worker-record.js';
import type { LedRun } from '../led-run.js';
import type { WorkerRow } from './schemas.js';

/** The run's workers, one row each, in the order they joined; then those that have gone lately. */
export function workerRows({ service }: Pick<LedRun, 'service'>, now: number): WorkerRow[] {
  const { collector, roster } = service;
  const all = roster.figures();
  const over = hasEnded(collector.state.condition.state);
  const present = all.filter(({ departure }) => !departure);
  return all.map((figures): WorkerRow => {
    const { worker, departure, lastHeardAt, heartbeat, countedSamples, countedByAll } = figures;
    const computes = !departure && !over;
    const progress = departure ? undefined : collector.state.workers.get(worker.id);
    const isSlow = (): boolean =>
      isOverdue(worker.id, collector, now) || isSlower(figures, present);
    return {
      ...address(worker),
      state: departure?.how ?? progress?.state ?? 'joining',
      reason: departure?.reason ?? null,
      draining: figures.draining,
      lastSeenAt: lastHeardAt,
      heartbeatAgeMs: Math.max(0, now - lastHeardAt),
      version: heartbeat?.version ?? null,
      shard: (computes && progress?.holding) || null,
      samplesPerSecond: computes ? figures.samplesPerSecond : 0,
      shardMs: figures.shardMs ?? null,
      straggling: computes && isSlow(),
      countedShards: figures.countedShards,
      countedSamples,
      share: countedByAll === 0 ? 0 : countedSamples / countedByAll,
      reissues: figures.reissues,
      refusals: { ...figures.refusals },
      rssBytes: heartbeat?.rssBytes ?? null,
      tensorCount: heartbeat?.tensorCount ?? null,
      cpuSeconds: heartbeat?.cpuSeconds ?? null,
      cores: computes ? (figures.cores ?? null) : null,
    };
  });
}

/** By so much a worker is slow for good, and not by chance in one shard. */
const SLOWER = 2;

/**
 * Whether its shard is late by so much that somebody should look: much later than when the step machine
 * gives it to somebody else as well, which noise on a busy machine is enough for.
 */
function isOverdue(
  id: string,
  { state, options }: Pick<StepShell, 'state' | 'options'>,
  now: number,
): boolean {
  const holding = state.workers.get(id)?.holding;
  if (!holding || state.current?.step !== holding.step) return false;
  const attempt = state.current.shards[holding.index]?.attempts[holding.attempt - 1];
  if (attempt?.takenBy !== id || attempt.takenAt === undefined || attempt.ended) return false;
  return now - attempt.takenAt > SLOWER * stragglerDeadlineMs(state.recentShardMs, options);
}

/** Whether it usually takes much longer for a shard than the middle one of the others. */
function isSlower({ worker, shardMs }: WorkerFigures, present: readonly WorkerFigures[]): boolean {
  const others = present.flatMap((each) =>
    each.worker.id === worker.id || each.shardMs === undefined ? [] : [each.shardMs],
  );
  const usual = median(others);
  return shardMs !== undefined && usual !== undefined && shardMs > SLOWER * usual;
}

function address({ id, host, pid, backend, joinedAt }: WorkerFigures['worker']) {
  return { id, host, pid, backend, joinedAt };
}
