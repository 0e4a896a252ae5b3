import { LockstepError } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { jobId, parseShardJob } from './shard-job.js';
import { evaluateJob, trainJob } from './testing/jobs.js';

describe('jobId', () => {
  it('differs for another term, step, shard, attempt or kind, and has no colon', () => {
    const { shard } = trainJob(1);
    const ids = [
      trainJob(1),
      trainJob(1, { term: 2 }),
      trainJob(1, { shard: { ...shard, step: 5 } }),
      trainJob(2),
      trainJob(1, { attempt: 2 }),
      evaluateJob(1),
    ].map(jobId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.join()).not.toContain(':');
    expect(ids[0]).toBe('term-1.step-4.shard-1.attempt-1');
  });
});

describe('parseShardJob', () => {
  it('brings back what went through JSON', () => {
    for (const job of [trainJob(1), trainJob(1, { notFor: ['w1'] }), evaluateJob(3)]) {
      expect(parseShardJob(JSON.parse(JSON.stringify(job)))).toEqual(job);
    }
  });

  it.each([
    ...[undefined, 7, {}, { ...trainJob(1), term: -1 }, { ...trainJob(1), shard: undefined }],
    trainJob(1, { version: 999 }),
  ])('refuses what is no job of ours: %j', (data) =>
    expect(() => parseShardJob(data)).toThrow(LockstepError),
  );
});
