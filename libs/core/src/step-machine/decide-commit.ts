import type { StepProgress } from './machine-state.js';

export type CommitDecision =
  | { readonly commit: true; readonly hashes: readonly string[] }
  | { readonly commit: false; readonly reason: string };

/**
 * The only function that decides that a step is complete: every shard counted, none disputed.
 * The hashes are those of the counted contributions, in shard order.
 */
export function decideCommit(step: StepProgress): CommitDecision {
  const hashes = step.shards.flatMap(({ counted }) => (counted === undefined ? [] : [counted]));
  const missing = step.shards.length - hashes.length;
  if (missing === 0) return { commit: true, hashes };
  const disputed = step.shards.filter((shard) => shard.disputed);
  return {
    commit: false,
    reason:
      disputed.length > 0
        ? `step ${step.step} is held: ${disputed.length} of its shards are disputed`
        : `step ${step.step} misses ${missing} of ${step.shards.length} shards`,
  };
}
