import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phaseNames, stepPhases, type ShardTimeline, type StepTimeline } from './step-timeline.js';

const shard: ShardTimeline = {
  ...{ index: 0, worker: 'a', attempt: 1, payloadBytes: 400 },
  ...{ takenAt: 10, receivedAt: 70, judgedAt: 73, checkMs: 3 },
  timings: {
    ...{ idleMs: 30, waitMs: 6, decodeMs: 2, applyMs: 5 },
    ...{ computeMs: 40, encodeMs: 3, grantMs: 1, takeToSendMs: 52 },
  },
};

const timeline: StepTimeline = {
  ...{ step: 7, openedAt: 0, recordedAt: 75, reducedAt: 81, publishedAt: 85, wallMs: 86 },
  ...{ reduceMs: 5, encodeMs: 3, updateBytes: 800, followers: 2 },
  shards: [
    { ...shard, index: 0, judgedAt: 60 },
    { ...shard, index: 1 },
  ],
};

describe('stepPhases', () => {
  it('splits a step along the shard whose contribution came last', () => {
    expect(stepPhases(timeline)).toEqual({
      criticalShard: 1,
      phases: {
        queue: 4, // 10 ms until the grant was asked for, of which the worker waited 6 for the update
        compute: 40,
        encode: 6, // gradient and update
        wire: 12, // 4 of the 6 down, 8 of the 60 up
        decode: 5,
        reduce: 5,
        apply: 5,
        commit: 3, // 75 - 73 and 86 - 85
        wait: 3, // the grant, the thread, an earlier update
      },
      otherMs: 3, // 52 ms in the worker's hands, of which it says 49
    });
  });

  it('calls it waiting when the worker was busy with another shard', () => {
    const busy = { ...shard, timings: { ...shard.timings, idleMs: 1 } };
    const { phases } = stepPhases({ ...timeline, shards: [busy] }) ?? {};
    expect(phases).toMatchObject({ queue: 1, wait: 6 });
  });

  it('gives no phases for a step without contributions', () => {
    expect(stepPhases({ ...timeline, shards: [] })).toBeUndefined();
  });

  it('adds up to the wall time, with no phase below 0, whatever the clocks say', () => {
    const ms = fc.double({ min: 0, max: 1_000, noNaN: true });
    const shards = fc.array(
      fc
        .record({
          ...{ takenAt: ms, receivedAt: ms, judgedAt: ms, checkMs: ms },
          timings: fc.record({
            ...{ idleMs: ms, waitMs: ms, decodeMs: ms, applyMs: ms },
            ...{ computeMs: ms, encodeMs: ms, grantMs: ms, takeToSendMs: ms },
          }),
        })
        .map((times): ShardTimeline => ({ ...shard, ...times })),
      { minLength: 1, maxLength: 5 },
    );
    const steps = fc
      .record({
        ...{ recordedAt: ms, reducedAt: ms, publishedAt: ms, wallMs: ms },
        ...{ reduceMs: ms, encodeMs: ms, shards },
      })
      .map((times): StepTimeline => ({ ...timeline, ...times }));
    fc.assert(
      fc.property(steps, (step) => {
        const split = stepPhases(step);
        if (!split) return false;
        const named = phaseNames.map((name) => split.phases[name]);
        const sum = named.reduce((total, each) => total + each, split.otherMs);
        return named.every((each) => each >= 0) && Math.abs(sum - step.wallMs) < 1e-6;
      }),
    );
  });
});
