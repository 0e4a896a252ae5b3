import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepTimeline } from './step-timeline.js';
import { traceOf } from './trace.js';

const ms = fc.double({ min: 0, max: 100, noNaN: true });
const shard = fc.record({
  index: fc.constantFrom(0, 1, 2),
  worker: fc.constantFrom('w1', 'w2'),
  attempt: fc.constant(1),
  ...{ checkMs: ms, payloadBytes: fc.nat() },
  timings: fc.record({
    ...{ idleMs: ms, waitMs: ms, decodeMs: ms, applyMs: ms },
    ...{ computeMs: ms, encodeMs: ms, grantMs: ms, takeToSendMs: ms },
  }),
  moments: fc.tuple(ms, ms, ms),
});
const timeline: fc.Arbitrary<StepTimeline> = fc
  .record({ shards: fc.array(shard, { maxLength: 3 }), wallMs: ms, tail: fc.tuple(ms, ms, ms) })
  .map(({ shards, wallMs, tail: [a, b, c] }) => {
    const contributions = shards.map(({ moments: [taken, received, judged], ...rest }) => ({
      ...rest,
      takenAt: taken,
      receivedAt: taken + received,
      judgedAt: taken + received + judged,
    }));
    const last = Math.max(0, ...contributions.map(({ judgedAt }) => judgedAt));
    return {
      ...{ step: 1, openedAt: 1_700_000_000_000, wallMs: last + a + b + c + wallMs },
      ...{ recordedAt: last + a, reducedAt: last + a + b, publishedAt: last + a + b + c },
      ...{ reduceMs: 0, encodeMs: 0, updateBytes: 1, followers: 2, shards: contributions },
    };
  });

describe('traceOf', () => {
  it('has a process for the coordinator and for each worker, all of them named', () => {
    fc.assert(
      fc.property(fc.array(timeline, { maxLength: 3 }), (timelines) => {
        const { traceEvents } = traceOf(timelines);
        const named = traceEvents.filter(({ name }) => name === 'process_name');
        const pids = new Set(traceEvents.map(({ pid }) => pid));
        expect(new Set(named.map(({ pid }) => pid))).toEqual(pids);
      }),
    );
  });

  it('nests a shard’s phases within its span', () => {
    fc.assert(
      fc.property(timeline, (each) => {
        const { traceEvents } = traceOf([each]);
        const spans = traceEvents.flatMap(({ ph, ts = 0, dur = 0, ...rest }) =>
          ph === 'X' ? [{ ...rest, from: ts, to: ts + dur }] : [],
        );
        for (const { name, args, pid, tid, from, to } of spans) {
          const { shard: index } = args;
          const parent =
            /^(shard|contribution) /.test(name) || index === undefined ? undefined : index;
          if (parent === undefined) continue;
          const outer = spans.some(
            (span) =>
              span.pid === pid &&
              span.tid === tid &&
              /^(shard|contribution) /.test(span.name) &&
              span.args['shard'] === parent &&
              span.from <= from + 1 &&
              span.to >= to - 1,
          );
          expect(outer).toBe(true);
        }
      }),
    );
  });
});
