import type { ShardTimeline, StepTimeline, TimelineSource } from '@lockstep/observe';
import type { ContributionHeader, Receipt, ShardAttempt, ShardTimings } from '@lockstep/protocol';

/** Measures where the time of each step goes, and keeps the newest. */
export interface Timelines extends TimelineSource {
  opened(step: number): void;
  /** A worker has got leave to compute a shard. */
  taken(shard: ShardAttempt, worker: string): void;
  /** An answer has been judged and counts. */
  contributed(answer: CountedAnswer): void;
  recorded(): void;
  /** @param reduceMs what the compute thread needed */
  reduced(reduceMs: number): void;
  published(update: { encodeMs: number; bytes: number; followers: number }): void;
  /** The next step may be opened. */
  closed(): void;
}

export interface CountedAnswer {
  readonly header: ContributionHeader;
  readonly worker: string;
  readonly receipt: Pick<Receipt, 'hashMs'>;
  readonly checkMs: number;
  readonly payloadBytes: number;
}

/** A step being made; its moments are not known yet. */
interface OpenStep {
  readonly step: number;
  readonly openedAt: number;
  /** On the monotonic clock. */
  readonly start: number;
  readonly takes: Map<string, number>;
  readonly shards: ShardTimeline[];
  marks: Omit<StepTimeline, 'step' | 'openedAt' | 'wallMs' | 'shards'>;
}

const NOTHING = {
  ...{ recordedAt: 0, reducedAt: 0, publishedAt: 0 },
  ...{ reduceMs: 0, encodeMs: 0, updateBytes: 0, followers: 0 },
};

/** A worker that measured nothing. */
const UNTIMED: ShardTimings = {
  ...{ idleMs: 0, waitMs: 0, decodeMs: 0, applyMs: 0 },
  ...{ computeMs: 0, encodeMs: 0, grantMs: 0, takeToSendMs: 0 },
};

/**
 * @param remembered how many steps
 * @param now milliseconds on a clock that never jumps
 */
export function createTimelines(
  remembered = 200,
  now: () => number = () => performance.now(),
): Timelines {
  const closed: StepTimeline[] = [];
  const listeners: ((timeline: StepTimeline) => void)[] = [];
  /** The step being made, and behind it the next, whose shards are handed out already. */
  const open: OpenStep[] = [];

  const moment = ({ start }: OpenStep): number => now() - start;
  const mark = (make: (at: number) => Partial<OpenStep['marks']>): void => {
    const [step] = open;
    if (step) step.marks = { ...step.marks, ...make(moment(step)) };
  };
  const openAt = (step: number): OpenStep | undefined => open.find((each) => each.step === step);

  return {
    opened: (step) => {
      const openedAt = Date.now();
      open.push({ step, openedAt, start: now(), takes: new Map(), shards: [], marks: NOTHING });
    },
    taken: (shard, worker) => {
      const step = openAt(shard.step);
      step?.takes.set(placeOf(shard, worker), moment(step));
    },
    contributed: ({ header, worker, receipt, checkMs, payloadBytes }) => {
      const { shard, timings = UNTIMED } = header;
      const step = openAt(shard.step);
      if (!step) return;
      const judgedAt = moment(step);
      // Judging itself takes no time worth telling apart from the checks before it.
      const receivedAt = judgedAt - receipt.hashMs - checkMs;
      const takenAt = step.takes.get(placeOf(shard, worker)) ?? receivedAt;
      const { index, attempt } = shard;
      step.shards[index] = {
        ...{ index, worker, attempt, takenAt, receivedAt, judgedAt },
        ...{ hashMs: receipt.hashMs, checkMs, payloadBytes, timings },
      };
    },
    recorded: () => mark((recordedAt) => ({ recordedAt })),
    reduced: (reduceMs) => mark((reducedAt) => ({ reducedAt, reduceMs })),
    published: ({ encodeMs, bytes: updateBytes, followers }) =>
      mark((publishedAt) => ({ publishedAt, encodeMs, updateBytes, followers })),
    closed: () => {
      const over = open.shift();
      if (!over) return;
      const { step, openedAt, marks } = over;
      const shards = over.shards.filter((shard) => shard !== undefined);
      const timeline = { step, openedAt, ...marks, wallMs: moment(over), shards };
      closed.push(timeline);
      if (closed.length > remembered) closed.shift();
      // The next one's time begins here: what was done for it before has cost none.
      const [next] = open;
      if (next) Object.assign(next, { start: now(), openedAt: Date.now() });
      for (const listener of listeners) listener(timeline);
    },
    get newest() {
      return closed;
    },
    subscribe: (listener) => void listeners.push(listener),
  };
}

function placeOf({ index, attempt }: ShardAttempt, worker: string): string {
  return `${index}:${attempt}:${worker}`;
}
