import type { Verdict } from '@lockstep/core';
import type { ContributionHeader, HeartbeatRequest, LogLine } from '@lockstep/protocol';
import type { Member } from './members.js';

/** How a worker came to be none of the run's any more. */
export interface Departure {
  readonly how: 'lost' | 'left' | 'quarantined' | 'refused';
  readonly reason: string;
}

/** What is known of a worker beside its membership. */
export interface WorkerFigures {
  readonly worker: Omit<Member, 'session' | 'local'>;
  /** Absent while it belongs to the run. */
  readonly departure?: Departure;
  /** Whether it has been asked to leave. */
  readonly draining: boolean;
  readonly lastHeardAt: number;
  readonly heartbeat: HeartbeatRequest | undefined;
  /** Samples of its contributions that counted. */
  readonly countedSamples: number;
  readonly countedShards: number;
  /** Samples of all workers' contributions that counted while it belonged to the run. */
  readonly countedByAll: number;
  /** Of the last seconds. */
  readonly samplesPerSecond: number;
  /** Median time to compute one of its last shards, in milliseconds. */
  readonly shardMs: number | undefined;
  /** Processor cores in use between its last heartbeats. */
  readonly cores: number | undefined;
  /** Shards it had taken that were handed to somebody else as well. */
  readonly reissues: number;
  readonly refusals: Readonly<Partial<Record<Verdict, number>>>;
}

/** Keeps one worker's figures, in bounded memory. */
export interface FigureKeeper {
  heard(heartbeat: HeartbeatRequest): void;
  contributed(header: ContributionHeader, verdict: Verdict): void;
  reissued(): void;
  /** @returns false when it has been asked before */
  asked(): boolean;
  gone(departure: Departure): void;
  figures(): WorkerFigures;
  /** The newest lines of its log, the oldest of them first. */
  readonly log: readonly LogLine[];
}

const RATE_WINDOW_MS = 5_000;
const CPU_WINDOW_MS = 2_000;
const SHARD_TIMES = 15;
/** Lines of a log, and characters of each: a worker says how long they are. */
const MOST_LINES = 500;
const LONGEST_LINE = 1_000;

/**
 * @param now milliseconds since the epoch
 * @param countedByAll samples of all workers that have counted so far
 */
export function createFigureKeeper(
  worker: WorkerFigures['worker'],
  now: () => number,
  countedByAll: () => number,
): FigureKeeper {
  const countedBefore = countedByAll();
  let countedUntil: number | undefined;
  let kept = {
    ...{ draining: false, lastHeardAt: worker.joinedAt, countedSamples: 0, countedShards: 0 },
    reissues: 0,
    heartbeat: undefined as HeartbeatRequest | undefined,
  };
  let departure: Departure | undefined;
  let counted: { at: number; samples: number }[] = [];
  let cpu: { at: number; seconds: number }[] = [];
  let shardTimes: number[] = [];
  const log: LogLine[] = [];
  const refusals: Partial<Record<Verdict, number>> = {};
  const recent = <Entry extends { at: number }>(entries: Entry[], windowMs: number): Entry[] =>
    entries.filter(({ at }) => now() - at <= windowMs);

  return {
    heard: ({ log: lines, ...heartbeat }) => {
      kept = { ...kept, heartbeat: { ...heartbeat, log: [] }, lastHeardAt: now() };
      // A beat whose reply was lost brings its lines again.
      const fresh = lines.filter(({ number }) => number > (log.at(-1)?.number ?? 0));
      log.push(...fresh.map((line) => ({ ...line, text: line.text.slice(0, LONGEST_LINE) })));
      if (log.length > MOST_LINES) log.splice(0, log.length - MOST_LINES);
      cpu = [...recent(cpu, CPU_WINDOW_MS), { at: now(), seconds: heartbeat.cpuSeconds }];
    },
    contributed: ({ sampleCount, timings }, verdict) => {
      if (timings) shardTimes = [...shardTimes.slice(1 - SHARD_TIMES), timings.computeMs];
      if (verdict !== 'counted') {
        refusals[verdict] = (refusals[verdict] ?? 0) + 1;
        return;
      }
      kept.countedShards += 1;
      kept.countedSamples += sampleCount;
      counted.push({ at: now(), samples: sampleCount });
      // Cut in blocks: an answer is to cost next to nothing.
      if (counted.length > 1_000) counted = recent(counted, RATE_WINDOW_MS);
    },
    reissued: () => void (kept.reissues += 1),
    asked: () => {
      const first = !kept.draining;
      kept.draining = true;
      return first;
    },
    gone: (given) => {
      departure = given;
      countedUntil = countedByAll();
    },
    log,
    figures: () => ({
      ...{ worker, ...kept, refusals, shardMs: median(shardTimes), cores: coresIn(cpu) },
      ...(departure ? { departure } : {}),
      countedByAll: (countedUntil ?? countedByAll()) - countedBefore,
      samplesPerSecond: departure
        ? 0
        : rate(recent(counted, RATE_WINDOW_MS), Math.min(RATE_WINDOW_MS, now() - worker.joinedAt)),
    }),
  };
}

function rate(entries: readonly { samples: number }[], windowMs: number): number {
  if (windowMs <= 0) return 0;
  return (entries.reduce((sum, { samples }) => sum + samples, 0) * 1000) / windowMs;
}

function coresIn(beats: readonly { at: number; seconds: number }[]): number | undefined {
  const first = beats[0];
  const last = beats.at(-1);
  if (!first || !last || last.at <= first.at) return undefined;
  return Math.max(0, last.seconds - first.seconds) / ((last.at - first.at) / 1000);
}

/** The lower one of two in the middle. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1];
}
