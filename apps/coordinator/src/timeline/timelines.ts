import type { ShardTimeline, StepTimeline, TimelineSource } from '@lockstep/observe';
import type { ContributionHeader, ShardAttempt, ShardTimings } from '@lockstep/protocol';

export interface CountedContribution {
  readonly header: ContributionHeader;
  readonly worker: string;
  readonly checkMs: number;
  readonly payloadBytes: number;
}

type Marks = Omit<StepTimeline, 'step' | 'openedAt' | 'wallMs' | 'shards'>;

/** A step that is being made; its moments are not known yet. */
interface OpenStep {
  readonly step: number;
  openedAt: number;
  /** When its time begins, on the monotonic clock. */
  start: number;
  readonly takes: Map<string, number>;
  readonly shards: ShardTimeline[];
  marks: Marks;
}

const NO_MARKS: Marks = {
  ...{ recordedAt: 0, reducedAt: 0, publishedAt: 0 },
  ...{ reduceMs: 0, encodeMs: 0, updateBytes: 0, followers: 0 },
};

/** For a worker that reports no timings. */
const NO_TIMINGS: ShardTimings = {
  ...{ idleMs: 0, waitMs: 0, decodeMs: 0, applyMs: 0 },
  ...{ computeMs: 0, encodeMs: 0, grantMs: 0, takeToSendMs: 0 },
};

/** Measures where the time of the newest steps went. */
export class Timelines implements TimelineSource {
  readonly #now: () => number;
  readonly #remembered: number;
  readonly #closed: StepTimeline[] = [];
  readonly #listeners: ((timeline: StepTimeline) => void)[] = [];
  /** The step being made, and behind it the next one, whose shards are queued already. */
  readonly #open: OpenStep[] = [];

  /**
   * @param now milliseconds on a monotonic clock
   * @param remembered number of steps kept
   */
  constructor(now: () => number = () => performance.now(), remembered = 200) {
    this.#now = now;
    this.#remembered = remembered;
  }

  /** The newest steps, in order. */
  get newest(): readonly StepTimeline[] {
    return this.#closed;
  }

  /** Calls the listener with each step as it is closed. */
  subscribe(listener: (timeline: StepTimeline) => void): void {
    this.#listeners.push(listener);
  }

  opened(step: number): void {
    const [openedAt, start] = [Date.now(), this.#now()];
    this.#open.push({ step, openedAt, start, takes: new Map(), shards: [], marks: NO_MARKS });
  }

  /** A worker was granted a shard. */
  taken(shard: ShardAttempt, worker: string): void {
    const step = this.#openAt(shard.step);
    step?.takes.set(placeOf(shard, worker), this.#moment(step));
  }

  /** A contribution was judged, and counts. */
  contributed(counted: CountedContribution): void {
    const { header, worker, checkMs, payloadBytes } = counted;
    const { shard, timings = NO_TIMINGS } = header;
    const step = this.#openAt(shard.step);
    if (!step) return;
    const judgedAt = this.#moment(step);
    // The time of judging itself is negligible beside the verification before it.
    const receivedAt = judgedAt - checkMs;
    const takenAt = step.takes.get(placeOf(shard, worker)) ?? receivedAt;
    const { index, attempt } = shard;
    step.shards[index] = {
      ...{ index, worker, attempt, takenAt, receivedAt, judgedAt },
      ...{ checkMs, payloadBytes, timings },
    };
  }

  recorded(): void {
    this.#mark((recordedAt) => ({ recordedAt }));
  }

  /** @param reduceMs time that the compute thread needed */
  reduced(reduceMs: number): void {
    this.#mark((reducedAt) => ({ reducedAt, reduceMs }));
  }

  published(update: { encodeMs: number; bytes: number; followers: number }): void {
    const { encodeMs, bytes: updateBytes, followers } = update;
    this.#mark((publishedAt) => ({ publishedAt, encodeMs, updateBytes, followers }));
  }

  /** The step being made is done. */
  closed(): void {
    const done = this.#open.shift();
    if (!done) return;
    const { step, openedAt, marks } = done;
    const shards = done.shards.filter((shard) => shard !== undefined);
    const timeline = { step, openedAt, ...marks, wallMs: this.#moment(done), shards };
    this.#closed.push(timeline);
    if (this.#closed.length > this.#remembered) this.#closed.shift();
    // The next step's time begins here: what was done for it before ran beside this step.
    const [next] = this.#open;
    if (next) {
      next.start = this.#now();
      next.openedAt = Date.now();
    }
    for (const listener of this.#listeners) listener(timeline);
  }

  #openAt(step: number): OpenStep | undefined {
    return this.#open.find((each) => each.step === step);
  }

  /** Milliseconds since a step's time began. */
  #moment({ start }: OpenStep): number {
    return this.#now() - start;
  }

  #mark(make: (at: number) => Partial<Marks>): void {
    const [step] = this.#open;
    if (step) step.marks = { ...step.marks, ...make(this.#moment(step)) };
  }
}

function placeOf({ index, attempt }: ShardAttempt, worker: string): string {
  return `${index}:${attempt}:${worker}`;
}
