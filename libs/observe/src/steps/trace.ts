import type { TraceReport } from './schemas.js';
import { stepPhases, type ShardTimeline, type StepTimeline } from './step-timeline.js';

type TraceEvent = TraceReport['traceEvents'][number];

const COORDINATOR = 0;
/** The coordinator's threads: the step as a whole, and its parts after the last contribution. */
const STEPS = 0;
const PARTS = 1;
/** A worker's threads. */
const SHARDS = 0;
const CONTRIBUTIONS = 1;

/**
 * Steps in the trace event format of Chrome and Perfetto: the coordinator and each worker is a
 * process, each shard a span with the worker's phases below it. All moments are by the coordinator's
 * clock; a worker's phases follow each other from when it took the shard, since its clock may differ.
 *
 * @see https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
export function traceOf(timelines: readonly StepTimeline[]): TraceReport {
  const ids = workerIds(timelines);
  const names: TraceEvent[] = [
    named('process_name', COORDINATOR, STEPS, 'coordinator'),
    named('thread_name', COORDINATOR, STEPS, 'steps'),
    named('thread_name', COORDINATOR, PARTS, 'record, reduce, publish'),
    ...ids.flatMap((worker, n) => [
      named('process_name', n + 1, SHARDS, worker),
      named('thread_name', n + 1, SHARDS, 'shards'),
      named('thread_name', n + 1, CONTRIBUTIONS, 'contributions'),
    ]),
  ];
  const spans = timelines.flatMap((timeline) => [
    ...stepSpans(timeline),
    ...timeline.shards.flatMap((shard) =>
      shardSpans(timeline, shard, ids.indexOf(shard.worker) + 1),
    ),
  ]);
  return { displayTimeUnit: 'ms', traceEvents: [...names, ...spans] };
}

function workerIds(timelines: readonly StepTimeline[]): readonly string[] {
  return [...new Set(timelines.flatMap(({ shards }) => shards.map(({ worker }) => worker)))].sort();
}

function stepSpans(timeline: StepTimeline): readonly TraceEvent[] {
  const { step, wallMs, recordedAt, reducedAt, publishedAt } = timeline;
  const contributedAt = Math.max(0, ...timeline.shards.map(({ judgedAt }) => judgedAt));
  const at = (tid: number, name: string, from: number, to: number, args = {}): TraceEvent =>
    span(timeline, { pid: COORDINATOR, tid, name, cat: 'step', from, to, args });
  return [
    at(STEPS, `step ${step}`, 0, wallMs, { step, ...stepPhases(timeline)?.phases }),
    at(PARTS, 'record', contributedAt, recordedAt, { step }),
    at(PARTS, 'reduce', recordedAt, reducedAt, { step }),
    at(PARTS, 'publish', reducedAt, publishedAt, { step }),
  ];
}

/**
 * A shard from taken to judged: on one thread while the worker computes, on another while its
 * contribution is sent and verified, since the next shard is computed meanwhile.
 */
function shardSpans(
  timeline: StepTimeline,
  shard: ShardTimeline,
  pid: number,
): readonly TraceEvent[] {
  const { index, attempt, takenAt, receivedAt, judgedAt, payloadBytes, timings } = shard;
  const { step } = timeline;
  const sentAt = Math.min(takenAt + timings.takeToSendMs, receivedAt);
  const at = (tid: number, name: string, from: number, to: number, more = {}): TraceEvent =>
    span(timeline, {
      ...{ pid, tid, name, cat: 'worker', from, to },
      args: { step, shard: index, ...more },
    });
  const phases: TraceEvent[] = [];
  let from = takenAt;
  for (const [name, lasted] of [
    ['apply', timings.applyMs],
    ['compute', timings.computeMs],
    ['encode', timings.encodeMs],
    ['grant', timings.grantMs],
  ] as const) {
    const to = Math.min(from + lasted, sentAt);
    if (to > from) phases.push(at(SHARDS, name, from, to));
    from = to;
  }
  return [
    at(SHARDS, `shard ${index}`, takenAt, sentAt, { attempt }),
    ...phases,
    at(CONTRIBUTIONS, `contribution ${index}`, sentAt, judgedAt, { payloadBytes }),
    at(CONTRIBUTIONS, 'wire', sentAt, receivedAt),
    at(CONTRIBUTIONS, 'verify', receivedAt, judgedAt),
  ];
}

function named(name: string, pid: number, tid: number, value: string): TraceEvent {
  return { name, ph: 'M', pid, tid, args: { name: value } };
}

/** @param from milliseconds since the step was opened, as `to` */
function span(
  { openedAt }: StepTimeline,
  { from, to, ...event }: Omit<TraceEvent, 'ph' | 'ts' | 'dur'> & { from: number; to: number },
): TraceEvent {
  const dur = Math.max(0, to - from) * 1000;
  return { ...event, ph: 'X', ts: (openedAt + from) * 1000, dur };
}
