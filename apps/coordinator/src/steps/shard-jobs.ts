import type { EvaluationShard, Shard } from '@lockstep/core';
import type { ShardJob } from '@lockstep/queue';

/** Steps between two training accuracies without dropout: "step N, training accuracy A". */
export const ACCURACY_EVERY = 100;

/**
 * The queue's job for a training shard.
 *
 * @param trace W3C `traceparent` of the span that queues it
 */
export function trainJob(
  run: { runId: string; term: number },
  order: { shard: Shard; attempt: number; notFor: readonly string[] },
  trace?: string,
): ShardJob {
  const { shard, attempt, notFor } = order;
  return {
    ...run,
    kind: 'train',
    shard,
    attempt,
    version: shard.step - 1,
    notFor: [...notFor],
    clean: shard.step % ACCURACY_EVERY === 0,
    ...(trace === undefined ? {} : { trace }),
  };
}

/** The queue's job for an evaluation shard. */
export function evaluationJob(
  run: { runId: string; term: number },
  { shard, attempt }: { shard: EvaluationShard; attempt: number },
): ShardJob {
  return { ...run, kind: 'evaluate', shard, attempt };
}
