import type { StepTimeline } from '../../api/reply.js';

/** What a step's time is spent on, as the coordinator names it. */
export type Phase =
  'queue' | 'wait' | 'apply' | 'compute' | 'encode' | 'wire' | 'decode' | 'commit' | 'reduce';

/** Something done in a step; moments are milliseconds since it was opened. */
export interface Span {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
}

/** One line of the picture: a shard on its way through a worker, or the coordinator. */
export interface Lane {
  readonly key: string;
  /** A worker's id; undefined for the coordinator. */
  readonly worker: string | undefined;
  readonly shard: number | undefined;
  readonly attempt: number;
  readonly spans: readonly Span[];
  /** Whether everybody waited for this answer. */
  readonly last: boolean;
  /** When it was done. */
  readonly doneAt: number;
}

type Shard = StepTimeline['shards'][number];

/**
 * Who did what when in a step: a lane for each shard, those of a worker beneath each other, then the
 * coordinator's. A worker's durations are laid end to end around the moment it took the shard, by the
 * coordinator's clock, since its own may be another.
 */
export function lanesOf(timeline: StepTimeline): readonly Lane[] {
  const shards = [...timeline.shards].sort(
    (a, b) => a.worker.localeCompare(b.worker) || a.takenAt - b.takenAt,
  );
  const lanes = shards.map((shard): Lane => {
    const { index, worker, attempt, judgedAt } = shard;
    const last = index === timeline.criticalShard;
    const key = `${worker} ${index}`;
    return { key, worker, shard: index, attempt, spans: shardSpans(shard), last, doneAt: judgedAt };
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
  const answeredAt = Math.max(0, ...shards.map(({ judgedAt }) => judgedAt));
  const spans = laid(answeredAt, wallMs, [
    ['commit', recordedAt - answeredAt],
    ['reduce', reducedAt - recordedAt],
    ['encode', publishedAt - reducedAt],
    ['commit', wallMs - publishedAt],
  ]);
  return {
    ...{ key: 'coordinator', worker: undefined, shard: undefined, attempt: 1 },
    ...{ spans, last: false, doneAt: wallMs },
  };
}

/** End to end, none beyond the end. */
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
