import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepTimeline } from '../../api/reply.js';
import { lanesOf, median, newestSteps } from './step-timelines.js';

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
  it('lays a worker’s durations around the time at which it took the shard', () => {
    expect(said(step([shard(0, 'a')]), 0)).toEqual([
      ...['queue 5-7', 'wire 7-10', 'apply 10-14', 'compute 14-64', 'encode 64-69'],
      ...['wait 69-70', 'wire 72-80', 'decode 80-82'],
    ]);
  });

  it('ends with the coordinator’s phases after the last contribution', () => {
    expect(said(step([shard(0, 'a')]), 1)).toEqual([
      ...['commit 82-85', 'reduce 85-90', 'encode 90-96', 'commit 96-100'],
    ]);
  });

  it('groups shards by worker, and marks the last contribution', () => {
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

  it('never draws beyond the contribution or backwards, for any durations', () => {
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

const report = (...steps: number[]) => ({
  steps: steps.map((step) => ({ step }) as StepTimeline),
});
const join = (known: number[], news: number[]): number[] =>
  newestSteps.join(report(...known), report(...news)).steps.map(({ step }) => step);

describe('newestSteps', () => {
  it('requests the steps after the last known one', () => {
    expect(newestSteps.query(report(7, 8))).toEqual({ after: 8 });
    expect(newestSteps.query(report())).toEqual({ after: 0 });
  });

  it('appends new steps, and keeps the known report without any', () => {
    expect(join([1, 2], [3, 4])).toEqual([1, 2, 3, 4]);
    const known = report(1, 2);
    expect(newestSteps.join(known, report())).toBe(known);
  });

  it('replaces steps that a new coordinator recomputes', () => {
    expect(join([1, 2, 3, 4], [3])).toEqual([1, 2, 3]);
  });

  it('drops the oldest', () => {
    const many = Array.from({ length: 200 }, (_, n) => n + 1);
    expect(join(many, [201, 202])).toEqual([...many.slice(2), 201, 202]);
  });
});

describe('median', () => {
  it.each([
    [[], Number.NaN],
    [[7], 7],
    [[9, 1, 5], 5],
    [[4, 1, 2, 100], 3],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));
});
