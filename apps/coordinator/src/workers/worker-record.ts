import { randomUUID } from 'node:crypto';
import { presentMoment, type Clock, type Moment, type Verdict } from '@lockstep/core';
import { median, type Departure, type WorkerFigures } from '@lockstep/observe';
import type {
  ContributionHeader,
  EncodedMessage,
  Follower,
  HeartbeatRequest,
  LogLine,
} from '@lockstep/protocol';

/** A worker process, as it introduces itself. */
export interface WorkerIdentity {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly backend: string;
}

/** A worker process that registers. */
export interface NewWorker extends WorkerIdentity {
  /** Id of the join token it presented; absent if none is required. */
  readonly holder?: string | undefined;
  /** SHA-256 of its process's key, hex; absent for a worker that was refused. */
  readonly keySha256?: string | undefined;
  /** Whether it called from this machine. */
  readonly local: boolean;
}

/** A message of the update stream, with the version that it belongs to. */
export interface StreamMessage {
  readonly version: number;
  readonly message: EncodedMessage;
}

/** A worker's end of the update stream. */
export interface WorkerStream {
  readonly follower: Follower;
  /** Messages published while its snapshot is made; undefined once it receives them directly. */
  backlog: StreamMessage[] | undefined;
}

const RATE_WINDOW_MS = 5_000;
const CPU_WINDOW_MS = 2_000;
const SHARD_TIMES = 15;
/**
 * Most log lines that are kept, most characters of each, and of all together: the worker determines
 * their length.
 */
const MOST_LINES = 500;
const LONGEST_LINE = 1_000;
const MOST_CHARACTERS = 100_000;

/** All that is known of one worker outside the step machine, in bounded memory. */
export class WorkerRecord implements NewWorker {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly backend: string;
  readonly holder: string | undefined;
  readonly keySha256: string | undefined;
  readonly local: boolean;
  /** Identifies this registration; a worker that registers again gets another. */
  readonly session: string = randomUUID();
  readonly #joined: Moment;
  /** Absent until the worker follows the update stream. */
  stream: WorkerStream | undefined;

  readonly #clock: Pick<Clock, 'now' | 'monotonicNow'>;
  readonly #allCounted: { readonly samples: number };
  readonly #countedBefore: number;
  #countedUntil: number | undefined;
  #departure: Departure | undefined;
  #draining = false;
  #lastHeard: Moment;
  #heartbeat: HeartbeatRequest | undefined;
  #countedSamples = 0;
  #countedShards = 0;
  #reissues = 0;
  #counted: { at: number; samples: number }[] = [];
  #cpu: { at: number; seconds: number }[] = [];
  #shardTimes: number[] = [];
  readonly #log: LogLine[] = [];
  #logCharacters = 0;
  readonly #refusals: Partial<Record<Verdict, number>> = {};

  /** @param allCounted samples of all workers' counted contributions so far */
  constructor(
    worker: NewWorker,
    clock: Pick<Clock, 'now' | 'monotonicNow'>,
    allCounted: { readonly samples: number },
  ) {
    this.id = worker.id;
    this.host = worker.host;
    this.pid = worker.pid;
    this.backend = worker.backend;
    this.holder = worker.holder;
    this.keySha256 = worker.keySha256;
    this.local = worker.local;
    this.#clock = clock;
    this.#allCounted = allCounted;
    this.#countedBefore = allCounted.samples;
    this.#joined = presentMoment(clock);
    this.#lastHeard = this.#joined;
  }

  /**
   * Who speaks where workers confirm each other: all workers with one join token count as one, since
   * its holder may start any number. Without tokens each worker counts.
   */
  get voice(): string {
    return this.holder ?? this.id;
  }

  /** Absent while the worker belongs to the run. */
  get departure(): Departure | undefined {
    return this.#departure;
  }

  /** The newest lines of its log, oldest first. */
  get log(): readonly LogLine[] {
    return this.#log;
  }

  heard({ log, ...heartbeat }: HeartbeatRequest): void {
    this.#lastHeard = presentMoment(this.#clock);
    const now = this.#lastHeard.monotonicMs;
    this.#heartbeat = { ...heartbeat, log: [] };
    // A heartbeat whose reply was lost sends its lines again.
    const fresh = log.filter(({ number }) => number > (this.#log.at(-1)?.number ?? 0));
    for (const line of fresh) {
      const text = line.text.slice(0, LONGEST_LINE);
      this.#log.push({ ...line, text });
      this.#logCharacters += text.length;
    }
    while (this.#log.length > MOST_LINES || this.#logCharacters > MOST_CHARACTERS) {
      this.#logCharacters -= this.#log.shift()?.text.length ?? 0;
    }
    const recent = this.#cpu.filter(({ at }) => now - at <= CPU_WINDOW_MS);
    this.#cpu = [...recent, { at: now, seconds: heartbeat.cpuSeconds }];
  }

  contributed({ sampleCount, timings }: ContributionHeader, verdict: Verdict): void {
    if (timings) {
      this.#shardTimes = [...this.#shardTimes.slice(1 - SHARD_TIMES), timings.computeMs];
    }
    if (verdict !== 'counted') {
      this.#refusals[verdict] = (this.#refusals[verdict] ?? 0) + 1;
      return;
    }
    this.#countedShards += 1;
    this.#countedSamples += sampleCount;
    this.#counted.push({ at: this.#clock.monotonicNow(), samples: sampleCount });
    // Trimmed in blocks, so that a contribution costs next to nothing.
    if (this.#counted.length > 1_000) this.#counted = this.#countedLately();
  }

  /** A shard that it had taken was queued for another worker as well. */
  reissued(): void {
    this.#reissues += 1;
  }

  /** Notes that the worker is asked to leave. @returns false if it has been asked before */
  startDraining(): boolean {
    const isFirst = !this.#draining;
    this.#draining = true;
    return isFirst;
  }

  departed(departure: Departure): void {
    this.#departure = departure;
    this.#countedUntil = this.#allCounted.samples;
  }

  figures(): WorkerFigures {
    const { id, host, pid, backend } = this;
    const now = this.#clock.monotonicNow();
    const windowMs = Math.min(RATE_WINDOW_MS, now - this.#joined.monotonicMs);
    return {
      worker: { id, host, pid, backend, joinedAt: this.#joined.at },
      ...(this.#departure ? { departure: this.#departure } : {}),
      draining: this.#draining,
      lastHeardAt: this.#lastHeard.at,
      silentMs: now - this.#lastHeard.monotonicMs,
      heartbeat: this.#heartbeat,
      countedSamples: this.#countedSamples,
      countedShards: this.#countedShards,
      countedByAll: (this.#countedUntil ?? this.#allCounted.samples) - this.#countedBefore,
      samplesPerSecond: this.#departure ? 0 : rate(this.#countedLately(), windowMs),
      shardMs: median(this.#shardTimes),
      cores: coresIn(this.#cpu),
      reissues: this.#reissues,
      refusals: this.#refusals,
    };
  }

  #countedLately(): { at: number; samples: number }[] {
    const now = this.#clock.monotonicNow();
    return this.#counted.filter(({ at }) => now - at <= RATE_WINDOW_MS);
  }
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
