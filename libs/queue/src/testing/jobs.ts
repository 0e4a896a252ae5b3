import type { EvaluateJob, ShardJob, TrainJob } from '../shard-job.js';
import type { ShardHandler } from '../shard-queue.js';

export function trainJob(index: number, changes: Partial<TrainJob> = {}): TrainJob {
  return {
    kind: 'train',
    runId: 'run',
    term: 1,
    shard: { step: 4, index, firstSample: index * 25, sampleCount: 25 },
    attempt: 1,
    version: 3,
    clean: false,
    ...changes,
  };
}

export function evaluateJob(index: number): EvaluateJob {
  return {
    kind: 'evaluate',
    runId: 'run',
    term: 1,
    shard: { version: 3, index, firstSample: index * 500, sampleCount: 500 },
    attempt: 1,
  };
}

/** A handler that notes every job and says done. */
export function noting(): { seen: ShardJob[]; handler: ShardHandler } {
  const seen: ShardJob[] = [];
  return {
    seen,
    handler: (job) => {
      seen.push(job);
      return Promise.resolve('done');
    },
  };
}

/** A handler that keeps its job until `release` is called. */
export function holding(): {
  seen: ShardJob[];
  handler: ShardHandler;
  release: (result?: 'done' | 'give-back') => void;
} {
  const seen: ShardJob[] = [];
  let release!: (result?: 'done' | 'give-back') => void;
  const released = new Promise<'done' | 'give-back'>((resolve) => {
    release = (result = 'done') => resolve(result);
  });
  return {
    seen,
    handler: (job) => {
      seen.push(job);
      return released;
    },
    release,
  };
}
