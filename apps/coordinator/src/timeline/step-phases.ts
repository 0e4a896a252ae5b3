import type { StepTimeline } from './step-timeline.js';

export const phaseNames = [
  /** The job is on its way through Redis to an idle worker. */
  'queue',
  /** The gradient is computed. */
  'compute',
  /** Gradient and update are written as bytes and hashed. */
  'encode',
  /** Bytes travel, up and down. */
  'wire',
  /** What came is checked, at both ends. */
  'decode',
  /** The coordinator sums the gradients. */
  'reduce',
  /** The worker applies the update before it can compute. */
  'apply',
  /** Judging, the ledger, the events. */
  'commit',
  /** Somebody is busy with something else: another shard, leave, an earlier update. */
  'wait',
] as const;
export type PhaseName = (typeof phaseNames)[number];

/** A step's wall time, by what was done along its critical path: the shard answered last. */
export interface StepPhases {
  /** Milliseconds; each is at least 0. */
  readonly phases: Readonly<Record<PhaseName, number>>;
  /** What nothing above accounts for: handing over between threads and processes. May be negative. */
  readonly otherMs: number;
  /** Index of the shard that was answered last. */
  readonly criticalShard: number;
}

/**
 * Splits a step's time. Only durations are combined, never two clocks: what passes between the step's
 * opening and the worker's asking for leave is known here, and the worker says how much of it it
 * idled and waited; so too for what passes until the answer is there. One way of asking for leave
 * counts as `queue` and is missing from `wire`.
 *
 * @returns undefined for a step without answers
 */
export function stepPhases(timeline: StepTimeline): StepPhases | undefined {
  const [first, ...rest] = timeline.shards;
  if (!first) return undefined;
  const last = rest.reduce((a, b) => (b.judgedAt > a.judgedAt ? b : a), first);
  const { takenAt, receivedAt, hashMs, checkMs, timings } = last;
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
    decode: checkDownMs + hashMs + checkMs,
    reduce: reduceMs,
    apply: timings.applyMs,
    commit: recordedAt - receivedAt - hashMs - checkMs + (wallMs - publishedAt),
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
