import type { Reply, StepTimeline } from '../../api/reply.js';
import type { Incremental } from '../../data/polled.js';

/** The phases of a step, as named by the coordinator. */
export type Phase =
  'queue' | 'wait' | 'apply' | 'compute' | 'encode' | 'wire' | 'decode' | 'commit' | 'reduce';

interface PhaseWords {
  readonly phase: Phase;
  /** A custom property. */
  readonly color: string;
  readonly meaning: string;
}

/** In the order of a gradient's path. */
export const phaseWords: readonly PhaseWords[] = [
  {
    phase: 'queue',
    color: '--series-6',
    meaning: 'the job passes through Redis to an idle worker',
  },
  { phase: 'wait', color: '--line-strong', meaning: 'waiting for a busy process' },
  { phase: 'apply', color: '--series-3', meaning: 'the worker applies the previous update' },
  { phase: 'compute', color: '--series-1', meaning: 'the gradient is computed' },
  { phase: 'encode', color: '--series-7', meaning: 'gradient and update are encoded and hashed' },
  { phase: 'wire', color: '--series-2', meaning: 'data is transferred, in both directions' },
  { phase: 'decode', color: '--series-4', meaning: 'received data is verified, at both ends' },
  {
    phase: 'commit',
    color: '--series-8',
    meaning: 'contributions are judged; ledger and events are written',
  },
  { phase: 'reduce', color: '--series-5', meaning: 'the gradients are summed in shard order' },
];

/** A phase's colour as CSS. */
export function phaseColor(phase: Phase): string {
  const words = phaseWords.find((each) => each.phase === phase);
  return `var(${words?.color ?? '--line-strong'})`;
}

/** A span of a phase, in milliseconds since the step was opened. */
interface Span {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
}

/** A row of the chart: a shard at a worker, or the coordinator. */
export interface Lane {
  readonly key: string;
  /** A worker's id; undefined for the coordinator. */
  readonly worker: string | undefined;
  readonly shard: number | undefined;
  readonly attempt: number;
  readonly spans: readonly Span[];
  /** Whether this was the last contribution, which the step waited for. */
  readonly last: boolean;
  /** When it was judged, in milliseconds since the step was opened. */
  readonly doneAt: number;
}

type Shard = StepTimeline['shards'][number];

/**
 * The rows of a step: one for each shard, grouped by worker, then the coordinator's. A worker's
 * durations are laid end to end around the time at which it took the shard by the coordinator's
 * clock, since the worker's clock may differ.
 */
export function lanesOf(timeline: StepTimeline): readonly Lane[] {
  const shards = [...timeline.shards].sort(
    (a, b) => a.worker.localeCompare(b.worker) || a.takenAt - b.takenAt,
  );
  const lanes = shards.map((shard): Lane => {
    const { index, worker, attempt, judgedAt } = shard;
    const last = index === timeline.criticalShard;
    const key = `${worker} ${index}`;
    return {
      key,
      worker,
      shard: index,
      attempt,
      spans: shardSpans(shard),
      last,
      doneAt: judgedAt,
    };
  });
  return [...lanes, coordinatorLane(timeline)];
}

function shardSpans({ takenAt, receivedAt, judgedAt, timings }: Shard): readonly Span[] {
  const downMs = Math.min(timings.waitMs, takenAt);
  const queueMs = Math.min(timings.idleMs, takenAt - downMs);
  const sentAt = Math.min(takenAt + timings.takeToSendMs, receivedAt);
  const before = laid(takenAt - downMs - queueMs, takenAt, [
    ['queue', queueMs],
    ['wire', downMs],
  ]);
  const working = laid(takenAt, sentAt, [
    ['apply', timings.applyMs],
    ['compute', timings.computeMs],
    ['encode', timings.encodeMs],
    ['wait', timings.grantMs],
  ]);
  const after = laid(sentAt, judgedAt, [
    ['wire', receivedAt - sentAt],
    ['decode', judgedAt - receivedAt],
  ]);
  return [...before, ...working, ...after];
}

function coordinatorLane(timeline: StepTimeline): Lane {
  const { recordedAt, reducedAt, publishedAt, wallMs, shards } = timeline;
  const contributedAt = Math.max(0, ...shards.map(({ judgedAt }) => judgedAt));
  const spans = laid(contributedAt, wallMs, [
    ['commit', recordedAt - contributedAt],
    ['reduce', reducedAt - recordedAt],
    ['encode', publishedAt - reducedAt],
    ['commit', wallMs - publishedAt],
  ]);
  return {
    ...{ key: 'coordinator', worker: undefined, shard: undefined, attempt: 1 },
    ...{ spans, last: false, doneAt: wallMs },
  };
}

/** Lays spans end to end, limited to `end`. */
function laid(
  begin: number,
  end: number,
  parts: readonly (readonly [Phase, number])[],
): readonly Span[] {
  const spans: Span[] = [];
  let from = begin;
  for (const [phase, lasted] of parts) {
    const to = Math.min(end, from + Math.max(0, lasted));
    if (to > from) spans.push({ phase, from, to });
    from = Math.max(from, to);
  }
  return spans;
}

/** The number of steps that the coordinator keeps. */
const MOST = 200;

/** Requests only steps after the known ones, and appends them. */
export const newestSteps: Incremental<Reply<'/api/timeline'>> = {
  query: ({ steps }) => ({ after: steps.at(-1)?.step ?? 0 }),
  join: (known, news) => {
    const [first] = news.steps;
    if (!first) return known;
    // A new coordinator may have resumed from an earlier step.
    const before = known.steps.filter(({ step }) => step < first.step);
    return { steps: [...before, ...news.steps].slice(-MOST) };
  },
};

/** @returns the median; NaN of no values */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
