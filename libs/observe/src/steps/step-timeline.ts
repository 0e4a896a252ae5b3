import type { ShardTimings } from '@lockstep/protocol';

/** How one shard of a step was computed. Moments are milliseconds since the step was opened. */
export interface ShardTimeline {
  readonly index: number;
  readonly worker: string;
  readonly attempt: number;
  /** The worker requested the grant to compute it. */
  readonly takenAt: number;
  /** The last byte of its contribution had arrived. */
  readonly receivedAt: number;
  /** The step machine had given its verdict. */
  readonly judgedAt: number;
  /** Time to verify its lengths and its hash, and that its numbers are finite. */
  readonly checkMs: number;
  readonly payloadBytes: number;
  /** Durations measured by the worker. */
  readonly timings: ShardTimings;
}

/** Where a step's time went, by the coordinator's clock. Moments as in `ShardTimeline`. */
export interface StepTimeline {
  readonly step: number;
  /** When it was opened, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** Its ledger line was written. */
  readonly recordedAt: number;
  readonly reducedAt: number;
  /** The update had been encoded and passed to every follower's stream. */
  readonly publishedAt: number;
  /** Until the next step could be opened. */
  readonly wallMs: number;
  /** Time that the compute thread needed for the reduce. */
  readonly reduceMs: number;
  /** Time to encode the update and pass it to the streams. */
  readonly encodeMs: number;
  /** Bytes of the update's message, to each follower. */
  readonly updateBytes: number;
  readonly followers: number;
  /** The counted contributions, in shard order. */
  readonly shards: readonly ShardTimeline[];
}

export const phaseNames = [
  /** The job is on its way through Redis to an idle worker. */
  'queue',
  /** The gradient is computed. */
  'compute',
  /** Gradient and update are encoded and hashed. */
  'encode',
  /** Bytes travel, up and down. */
  'wire',
  /** Received messages are verified, at both ends. */
  'decode',
  /** The coordinator sums the gradients. */
  'reduce',
  /** The worker applies the update before it can compute. */
  'apply',
  /** Verdict, ledger, events. */
  'commit',
  /** Waiting for a busy process: another shard, the grant, an earlier update. */
  'wait',
] as const;
export type PhaseName = (typeof phaseNames)[number];

/** A step's wall time by phase along its critical path: the shard whose contribution came last. */
export interface StepPhases {
  /** Milliseconds; each is at least 0. */
  readonly phases: Readonly<Record<PhaseName, number>>;
  /** Time in no phase: handing over between threads and processes. May be negative. */
  readonly otherMs: number;
  /** Index of the shard whose contribution came last. */
  readonly criticalShard: number;
}

/**
 * Splits a step's time into phases. Only durations are combined, never moments of two clocks: the
 * coordinator knows how long after the step's opening the worker requested the grant, and the worker
 * measures how much of that it was idle or waited; the same holds until the contribution arrives.
 * One way of the grant's round trip counts as `queue` and is missing from `wire`.
 *
 * @returns undefined for a step without contributions
 */
export function stepPhases(timeline: StepTimeline): StepPhases | undefined {
  const [first, ...rest] = timeline.shards;
  if (!first) return undefined;
  const last = rest.reduce((a, b) => (b.judgedAt > a.judgedAt ? b : a), first);
  const { takenAt, receivedAt, checkMs, timings } = last;
  const { recordedAt, reducedAt, publishedAt, wallMs } = timeline;

  const downMs = Math.min(timings.waitMs, takenAt);
  const checkDownMs = Math.min(timings.decodeMs, downMs);
  const queueMs = Math.min(timings.idleMs, takenAt - downMs);
  const busyMs = takenAt - downMs - queueMs;
  const upMs = receivedAt - takenAt - timings.takeToSendMs;
  const reduceMs = Math.min(timeline.reduceMs, reducedAt - recordedAt);
  const publishMs = Math.min(timeline.encodeMs, publishedAt - reducedAt);
  const beforeReduceMs = reducedAt - recordedAt - reduceMs;
  const beforePublishMs = publishedAt - reducedAt - publishMs;

  const phases = nonNegative({
    queue: queueMs,
    compute: timings.computeMs,
    encode: timings.encodeMs + publishMs,
    wire: downMs - checkDownMs + upMs,
    decode: checkDownMs + checkMs,
    reduce: reduceMs,
    apply: timings.applyMs,
    commit: recordedAt - receivedAt - checkMs + (wallMs - publishedAt),
    wait: busyMs + timings.grantMs + beforeReduceMs + beforePublishMs,
  });
  const named = phaseNames.reduce((sum, name) => sum + phases[name], 0);
  return { phases, otherMs: wallMs - named, criticalShard: last.index };
}

function nonNegative(phases: Record<PhaseName, number>): Record<PhaseName, number> {
  return Object.fromEntries(phaseNames.map((name) => [name, Math.max(0, phases[name])])) as Record<
    PhaseName,
    number
  >;
}
