import type { MachineOptions } from './machine-state.js';

const ENOUGH_TO_JUDGE = 5;
const WINDOW = 64;

/**
 * How long a shard may take before it is queued for a second worker as well: a multiple of the median
 * of the run's recent shard times.
 *
 * @returns milliseconds
 */
export function stragglerDeadlineMs(
  recentShardMs: readonly number[],
  options: MachineOptions,
): number {
  if (recentShardMs.length < ENOUGH_TO_JUDGE) return options.initialDeadlineMs;
  const sorted = [...recentShardMs].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return Math.max(options.minDeadlineMs, options.stragglerFactor * median);
}

/** Adds a shard time to the window that the deadline is taken from. */
export function rememberShardMs(recent: readonly number[], shardMs: number): readonly number[] {
  return [...recent.slice(1 - WINDOW), shardMs];
}
