import { z } from 'zod';
import { moment, ms, whole, wholeText } from '../server/schemas.js';
import { phaseNames } from './step-timeline.js';

const sinceOpened = z.number().meta({ description: 'milliseconds since the step was opened' });

export const stepTimeline = z.object({
  step: whole,
  openedAt: moment,
  wallMs: ms,
  phases: z
    .record(z.enum(phaseNames), ms)
    .meta({ description: 'the wall time along the shard whose contribution came last' }),
  otherMs: ms.meta({ description: 'time in no phase' }),
  criticalShard: whole,
  recordedAt: sinceOpened,
  reducedAt: sinceOpened,
  publishedAt: sinceOpened,
  updateBytes: whole.meta({ description: 'of the update, to each follower' }),
  followers: whole,
  shards: z.array(
    z.object({
      index: whole,
      worker: z.string(),
      attempt: whole,
      takenAt: sinceOpened,
      receivedAt: sinceOpened,
      judgedAt: sinceOpened,
      payloadBytes: whole,
      timings: z
        .object({
          ...{ idleMs: ms, waitMs: ms, decodeMs: ms, applyMs: ms },
          ...{ computeMs: ms, encodeMs: ms, grantMs: ms, takeToSendMs: ms },
        })
        .meta({ description: 'measured by the worker' }),
    }),
  ),
});

export const timelineReport = z.object({ steps: z.array(stepTimeline) });

export const timelineQuery = z.strictObject({
  /** All kept steps where this one is not kept, as after a restart. */
  after: wholeText.default(0),
});

export const stepAddress = z.strictObject({ step: wholeText.min(1) });

export const traceQuery = z.strictObject({
  from: wholeText.default(0),
  to: wholeText.default(Number.MAX_SAFE_INTEGER),
});

/** The trace event format of chrome://tracing and Perfetto. */
export const traceReport = z.object({
  displayTimeUnit: z.literal('ms'),
  traceEvents: z.array(
    z.object({
      name: z.string(),
      ph: z.enum(['X', 'M']).meta({ description: 'X: a span; M: a name of a process or thread' }),
      pid: whole.meta({ description: '0 for the coordinator, one for each worker' }),
      tid: whole,
      ts: z.number().exactOptional().meta({ description: 'microseconds since the epoch' }),
      dur: z.number().exactOptional().meta({ description: 'microseconds' }),
      cat: z.string().exactOptional(),
      args: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ),
});

export type StepTimelineRow = z.infer<typeof stepTimeline>;
export type TimelineReport = z.infer<typeof timelineReport>;
export type TraceReport = z.infer<typeof traceReport>;
