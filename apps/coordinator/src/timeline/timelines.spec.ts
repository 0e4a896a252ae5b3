import { stepPhases } from '@lockstep/observe';
import type { ContributionHeader, ShardAttempt } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';

import { Timelines } from './timelines.js';

const place = (step: number, index: number): ShardAttempt => ({
  ...{ term: 1, step, index, attempt: 1, evaluation: false },
});

const headerOf = (shard: ShardAttempt): ContributionHeader => ({
  ...{ session: 's', runId: 'r', shard, wire: 'f32', sha256: '', sampleCount: 1 },
  ...{ lossSum: 1, metricSums: [1] },
});

/** Makes a step of two shards on a clock that goes on by a millisecond at every look. */
function makeStep(timelines: Timelines, step: number): void {
  timelines.opened(step);
  for (const index of [1, 0]) {
    const shard = place(step, index);
    timelines.taken(shard, 'a');
    const header = headerOf(shard);
    timelines.contributed({ header, worker: 'a', checkMs: 0, payloadBytes: 8 });
  }
  timelines.recorded();
  timelines.reduced(1);
  timelines.published({ encodeMs: 1, bytes: 9, followers: 2 });
  timelines.closed();
}

function counting(remembered: number): Timelines {
  let time = 0;
  return new Timelines(() => time++, remembered);
}

describe('timelines', () => {
  it('hold the moments of a step, its shards in order', () => {
    const timelines = counting(5);
    makeStep(timelines, 3);
    const [step] = timelines.newest;
    expect(step).toMatchObject({
      ...{ step: 3, recordedAt: 5, reducedAt: 6, publishedAt: 7, wallMs: 8 },
      ...{ updateBytes: 9, followers: 2 },
    });
    expect(step?.shards).toMatchObject([
      { index: 0, worker: 'a', takenAt: 3, receivedAt: 4 },
      { index: 1, worker: 'a', takenAt: 1, receivedAt: 2 },
    ]);
    expect(step && stepPhases(step)?.criticalShard).toBe(0);
  });

  it('remember the newest steps only', () => {
    const timelines = counting(3);
    for (let step = 1; step <= 10; step++) makeStep(timelines, step);
    expect(timelines.newest.map(({ step }) => step)).toEqual([8, 9, 10]);
  });

  it('pass over what is of no open step', () => {
    const timelines = counting(3);
    timelines.taken(place(1, 0), 'a');
    timelines.recorded();
    timelines.closed();
    timelines.opened(2);
    timelines.taken(place(1, 0), 'a');
    const late = { worker: 'a', checkMs: 0, payloadBytes: 8 };
    timelines.contributed({ header: headerOf(place(1, 0)), ...late });
    timelines.closed();
    expect(timelines.newest).toMatchObject([{ step: 2, shards: [] }]);
  });
});
