import type { RunSpec } from '@lockstep/core';
import type { ShardAttempt } from '@lockstep/protocol';
import type { ShardJob } from '@lockstep/queue';

/** One membership in a run: what is needed to answer its shards. */
export interface Membership {
  readonly runId: string;
  readonly term: number;
  readonly session: string;
  readonly spec: RunSpec;
}

/** Which attempt at which shard a job is, but for its step. */
export function place(
  job: ShardJob,
  term: number,
): Pick<ShardAttempt, 'term' | 'index' | 'attempt'> {
  return { term, index: job.shard.index, attempt: job.attempt };
}
