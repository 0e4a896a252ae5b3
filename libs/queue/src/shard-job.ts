import { LockstepError, type EvaluationShard, type Shard } from '@lockstep/core';
import { z } from 'zod';

/** A training shard to be computed. */
export interface TrainJob {
  readonly kind: 'train';
  readonly runId: string;
  /** The term of the coordinator that queued it. */
  readonly term: number;
  readonly shard: Shard;
  /** The n-th time the shard is handed out, from 1. */
  readonly attempt: number;
  /** The version of the weights the shard needs. */
  readonly version: number;
  /** Ids of workers that must not compute it. */
  readonly notFor?: readonly string[] | undefined;
  /** Whether a forward pass without dropout is wanted first. */
  readonly clean: boolean;
  /** W3C `traceparent` of its being queued; absent where the step is not traced. */
  readonly trace?: string | undefined;
}

/** A slice of the test set to be evaluated with the weights of one version. */
export interface EvaluateJob {
  readonly kind: 'evaluate';
  readonly runId: string;
  readonly term: number;
  readonly shard: EvaluationShard;
  readonly attempt: number;
}

/** What the queue carries: ranges of samples, never pixels, and no result. */
export type ShardJob = TrainJob | EvaluateJob;

/** Names one handing-out of one shard; the same job queued twice is one job. Has no `:`. */
export function jobId(job: ShardJob): string {
  const { term, attempt, shard } = job;
  const place = job.kind === 'train' ? `step-${job.shard.step}` : `evaluation-${job.shard.version}`;
  return `term-${term}.${place}.shard-${shard.index}.attempt-${attempt}`;
}

const count = z.number().int().nonnegative();
const envelope = { runId: z.string(), term: count, attempt: count };
const slice = { index: count, firstSample: count, sampleCount: count };
const schema: z.ZodType<ShardJob> = z.discriminatedUnion('kind', [
  z
    .object({
      ...envelope,
      kind: z.literal('train'),
      shard: z.object({ ...slice, step: count }),
      version: count,
      notFor: z.array(z.string()).optional(),
      clean: z.boolean(),
      trace: z.string().optional(),
    })
    .refine(({ shard, version }) => version === shard.step - 1, {
      path: ['version'],
      message: 'a step needs the version before it',
    }),
  z.object({
    ...envelope,
    kind: z.literal('evaluate'),
    shard: z.object({ ...slice, version: count }),
  }),
]);

/** @throws LockstepError `protocol-violation` when what came out of the queue is no job of ours */
export function parseShardJob(data: unknown): ShardJob {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  throw new LockstepError(
    'protocol-violation',
    `the queue holds a job that is no shard: ${z.prettifyError(result.error)}`,
    { remedy: 'give Lockstep a Redis, or a database number, of its own' },
  );
}
