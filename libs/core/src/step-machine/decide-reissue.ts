import type { Shard } from '../shard.js';
import type {
  Attempt,
  MachineOptions,
  MachineState,
  ShardProgress,
  WorkerId,
  WorkerProgress,
} from './machine-state.js';
import { stragglerDeadlineMs } from './straggler-deadline.js';

/** A further attempt at a shard, with the reason. */
export interface Reissue {
  readonly shard: Shard;
  readonly attempt: number;
  readonly notFor: readonly WorkerId[];
  readonly reason: string;
}

/**
 * Decides which shards of the current step to queue (again) now. A shard without an open attempt is
 * queued at once. One that has waited or been computed for longer than the straggler deadline is
 * queued again when a suitable worker is idle. Each open attempt doubles the deadline, so that a slow
 * machine does not receive ever more copies.
 */
export function decideReissue(
  state: MachineState,
  now: number,
  options: MachineOptions,
): readonly Reissue[] {
  if (!state.current || state.queueLostBecause !== undefined) return [];
  const deadlineMs = stragglerDeadlineMs(state.shardTimes, options);
  return state.current.shards.flatMap((progress) => {
    if (progress.counted !== undefined || progress.disputed) return [];
    const reason = reissueReason(progress, state, now, deadlineMs);
    if (reason === undefined) return [];
    return [
      {
        shard: progress.shard,
        attempt: progress.attempts.length + 1,
        notFor: holders(progress),
        reason,
      },
    ];
  });
}

function reissueReason(
  progress: ShardProgress,
  state: MachineState,
  now: number,
  deadlineMs: number,
): string | undefined {
  const open = progress.attempts.filter((attempt) => attempt.ended === undefined);
  const newest = open.at(-1);
  if (!newest) return whyNoneIsOpen(progress);
  const patienceMs = deadlineMs * 2 ** (open.length - 1);
  const helper = idleHelper(progress, state, now, patienceMs);
  if (!helper) return undefined;
  const heldForMs = now - (newest.takenAt ?? newest.issuedAt);
  if (heldForMs <= patienceMs) return undefined;
  return newest.takenBy === undefined
    ? `not taken for ${Math.round(heldForMs)} ms although ${helper} is idle`
    : `${newest.takenBy} has had it for ${Math.round(heldForMs)} ms, ${helper} is idle`;
}

function whyNoneIsOpen(progress: ShardProgress): string {
  const last: Attempt | undefined = progress.attempts.at(-1);
  if (last === undefined) return 'first attempt';
  return `attempt ${last.number} ended: ${last.ended ?? 'unknown'}`;
}

/**
 * A ready, idle worker that could take the shard. While the shard waits in the queue untaken, the
 * worker must have been idle for `patienceMs`: one that became idle just now may be taking it.
 */
function idleHelper(
  progress: ShardProgress,
  state: MachineState,
  now: number,
  patienceMs: number,
): WorkerId | undefined {
  const excluded = holders(progress);
  const isBeingComputed = excluded.length > 0;
  const fit = (worker: WorkerProgress): boolean =>
    worker.state === 'ready' &&
    worker.holding === undefined &&
    !excluded.includes(worker.id) &&
    (isBeingComputed || now - worker.idleSince > patienceMs);
  return [...state.workers.values()].find(fit)?.id;
}

/** The workers that compute the shard now: they must not take the next attempt. */
function holders({ attempts }: ShardProgress): readonly WorkerId[] {
  const taken = attempts.flatMap(({ takenBy, ended }) =>
    takenBy !== undefined && ended === undefined ? [takenBy] : [],
  );
  return [...new Set(taken)];
}
