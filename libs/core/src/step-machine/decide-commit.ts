import type { StepProgress } from './machine-state.js';

export type CommitDecision =
  | { readonly commit: true; readonly hashes: readonly string[] }
  | { readonly commit: false; readonly reason: string };

/**
 * The one place that says a step is complete: every shard counted, none disputed.
 * The hashes are those of the counted answers, in shard order.
 */
export function decideCommit(step: StepProgress): CommitDecision {
  const hashes = step.shards.flatMap(({ counted }) => (counted === undefined ? [] : [counted]));
  const missing = step.shards.length - hashes.length;
  if (missing === 0) return { commit: true, hashes };
  const disputed = step.shards.filter(
    ({ counted, answers }) => counted === undefined && answers.length > 1,
  );
  return {
    commit: false,
    reason:
      disputed.length > 0
        ? `step ${step.step} is held: the answers to ${disputed.length} of its shards differ`
        : `step ${step.step} misses ${missing} of ${step.shards.length} shards`,
  };
}
