import type { MachineOptions, ShardTimes } from './machine-state.js';

const ENOUGH_TO_JUDGE = 5;
const WINDOW = 64;

/**
 * How long a shard may take before it is queued for a second worker as well: a multiple of the median
 * of the run's recent shard times.
 *
 * @returns milliseconds
 */
export function stragglerDeadlineMs(
  { recent, medianMs }: ShardTimes,
  options: MachineOptions,
): number {
  if (recent.length < ENOUGH_TO_JUDGE) return options.initialDeadlineMs;
  return Math.max(options.minDeadlineMs, options.stragglerFactor * medianMs);
}

/** Adds a shard time to the window that the deadline is taken from. */
export function rememberShardMs(before: ShardTimes, shardMs: number): ShardTimes {
  const recent = [...before.recent.slice(1 - WINDOW), shardMs];
  const sorted = [...recent].sort((a, b) => a - b);
  return { recent, medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0 };
}
