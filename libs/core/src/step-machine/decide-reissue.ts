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

/** One more attempt for a shard, and why. */
export interface Reissue {
  readonly shard: Shard;
  readonly attempt: number;
  readonly notFor: readonly WorkerId[];
  readonly reason: string;
}

/**
 * Which shards of the current step to hand out again now. A shard whose every attempt has ended is
 * handed out at once; one that waits or is computed for too long, when a worker is idle that could
 * do it. Each further attempt doubles the patience, so that a slow machine is not buried in copies.
 */
export function decideReissue(
  state: MachineState,
  now: number,
  options: MachineOptions,
): readonly Reissue[] {
  if (!state.current || state.queueLostBecause !== undefined) return [];
  const deadlineMs = stragglerDeadlineMs(state.recentShardMs, options);
  return state.current.shards.flatMap((progress) => {
    if (progress.counted !== undefined) return [];
    const reason = reissueReason(progress, state, now, deadlineMs);
    if (reason === undefined) return [];
    return [
      {
        shard: progress.shard,
        attempt: progress.attempts.length + 1,
        notFor: unfit(progress, state),
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
  const live = progress.attempts.filter((attempt) => attempt.ended === undefined);
  const newest = live.at(-1);
  if (!newest) return ended(progress);
  const patienceMs = deadlineMs * 2 ** (live.length - 1);
  const helper = idleHelper(progress, state, now, patienceMs);
  if (!helper) return undefined;
  const heldForMs = now - (newest.takenAt ?? newest.issuedAt);
  if (heldForMs <= patienceMs) return undefined;
  return newest.takenBy === undefined
    ? `nobody took it for ${Math.round(heldForMs)} ms though ${helper} is idle`
    : `${newest.takenBy} has had it for ${Math.round(heldForMs)} ms, ${helper} is idle`;
}

function ended(progress: ShardProgress): string {
  const last: Attempt | undefined = progress.attempts.at(-1);
  if (last === undefined) return 'first attempt';
  if (progress.answers.length > 1) return 'its answers differ, a further worker decides';
  return `attempt ${last.number} ended: ${last.ended ?? 'unknown'}`;
}

/** A ready worker that could take the shard: idle, for long enough where it should have taken it. */
function idleHelper(
  progress: ShardProgress,
  state: MachineState,
  now: number,
  patienceMs: number,
): WorkerId | undefined {
  const excluded = unfit(progress, state);
  const untaken = progress.attempts.every(({ takenBy, ended }) => ended ?? takenBy === undefined);
  const fit = (worker: WorkerProgress): boolean =>
    worker.state === 'ready' &&
    worker.holding === undefined &&
    !excluded.includes(worker.id) &&
    (!untaken || now - worker.idleSince > patienceMs);
  return [...state.workers.values()].find(fit)?.id;
}

/**
 * Who must not have the next attempt: everyone who answered (a dispute needs a fresh judge) or gave
 * NaN, and whoever holds the shard now; but a worker whose NaN nobody else can check may try again.
 */
function unfit(progress: ShardProgress, state: MachineState): readonly WorkerId[] {
  const holders = progress.attempts.flatMap(({ takenBy, ended }) =>
    takenBy !== undefined && ended === undefined ? [takenBy] : [],
  );
  const judged = progress.answers.map(({ worker }) => worker);
  const others = [...state.workers.values()].some(
    ({ id, state: condition }) =>
      condition !== 'quarantined' && !progress.notFinite.includes(id) && !judged.includes(id),
  );
  return [...new Set([...holders, ...judged, ...(others ? progress.notFinite : [])])];
}
