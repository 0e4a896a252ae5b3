import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepTimeline } from '../../api/reply.js';
import { lanesOf } from './step-spans.js';

type Shard = StepTimeline['shards'][number];

const timings = { idleMs: 2, waitMs: 3, decodeMs: 1, applyMs: 4, computeMs: 50 };
const shard = (index: number, worker: string, more: Partial<Shard> = {}): Shard => ({
  ...{ index, worker, attempt: 1, takenAt: 10, receivedAt: 80, judgedAt: 82, payloadBytes: 9 },
  timings: { ...timings, encodeMs: 5, grantMs: 1, takeToSendMs: 62 },
  ...more,
});
const step = (shards: Shard[], more: Partial<StepTimeline> = {}): StepTimeline => ({
  ...{ step: 7, openedAt: 0, wallMs: 100, otherMs: 0, criticalShard: 1, followers: 2 },
  ...{ recordedAt: 85, reducedAt: 90, publishedAt: 96, updateBytes: 9, shards },
  phases: {},
  ...more,
});
const said = (timeline: StepTimeline, lane: number) =>
  lanesOf(timeline)[lane]?.spans.map(({ phase, from, to }) => `${phase} ${from}-${to}`);

describe('lanesOf', () => {
  it('lays a worker’s durations around the moment it took the shard', () => {
    expect(said(step([shard(0, 'a')]), 0)).toEqual([
      ...['queue 5-7', 'wire 7-10', 'apply 10-14', 'compute 14-64', 'encode 64-69'],
      ...['wait 69-70', 'wire 72-80', 'decode 80-82'],
    ]);
  });

  it('ends with what the coordinator does after the last answer', () => {
    expect(said(step([shard(0, 'a')]), 1)).toEqual([
      ...['commit 82-85', 'reduce 85-90', 'encode 90-96', 'commit 96-100'],
    ]);
  });

  it('has a worker’s shards beneath each other, and says for which answer all waited', () => {
    const lanes = lanesOf(
      step([shard(0, 'b'), shard(1, 'a', { takenAt: 30 }), shard(2, 'a', { takenAt: 12 })]),
    );
    expect(lanes.map(({ worker, shard: index, last }) => [worker, index, last])).toEqual([
      ['a', 2, false],
      ['a', 1, true],
      ['b', 0, false],
      [undefined, undefined, false],
    ]);
  });

  it('never draws beyond the answer or backwards, whatever a worker says it measured', () => {
    const ms = fc.double({ min: 0, max: 500, noNaN: true });
    const measured = fc.record({
      ...{ idleMs: ms, waitMs: ms, decodeMs: ms, applyMs: ms },
      ...{ computeMs: ms, encodeMs: ms, grantMs: ms, takeToSendMs: ms },
    });
    fc.assert(
      fc.property(measured, (said) => {
        const spans = lanesOf(step([shard(0, 'a', { timings: said })]))[0]?.spans ?? [];
        for (const { from, to } of spans) {
          expect(from).toBeGreaterThanOrEqual(-1e-9);
          expect(to).toBeGreaterThan(from);
          expect(to).toBeLessThanOrEqual(82);
        }
      }),
    );
  });
});
